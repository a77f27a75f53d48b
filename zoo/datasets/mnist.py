"""MNIST: 60,000 + 10,000 handwritten digits, grey, 28x28.

LeCun, Cortes, Burges (yann.lecun.com/exdb/mnist). Proof: tests/datasets/test_mnist.py.
"""

from zoo.data.image.images import ImageSplits
from zoo.data.image.mnist_format import Source, idx_splits
from zoo.data.image.preprocess import ImageFrontEnd

SOURCE = Source(
    name="MNIST",
    url="https://ossci-datasets.s3.amazonaws.com/mnist/",
    licence="CC BY-SA 3.0 as usually given; the original site states none",
    sha256=(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    packed=(
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
)


def mnist(pad: int = 0) -> ImageSplits:
    """The digits: 55,000 / 5,000 / 10,000, the dev set drawn from the 60,000 with a fixed seed.

    Args:
        pad: black frame; LeNet-5 wants 2, for 32x32 images (LeCun et al. 1998, sec. II.B).

    Pixels are normalised as in that section: white ground to -0.1, black ink to 1.175.
    """
    level = ImageFrontEnd((28, 28), mean=(0.1 / 1.275,), std=(1 / 1.275,), pad=pad, ink="light")
    return idx_splits(SOURCE, tuple("0123456789"), level)
