"""Fashion-MNIST: 60,000 + 10,000 garments, grey, 28x28, in ten classes.

Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747. Proof: tests/datasets/test_fashion_mnist.py.
"""

from zoo.data.image.images import ImageSplits
from zoo.data.image.mnist_format import Source, idx_splits
from zoo.data.image.preprocess import ImageFrontEnd

SOURCE = Source(
    name="FashionMNIST",
    url="http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    licence="MIT",
    sha256=(
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    packed=(
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
)
GARMENTS = (
    *("T-shirt/top", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
)


def fashion_mnist(pad: int = 0) -> ImageSplits:
    """The garments: 55,000 / 5,000 / 10,000; normalised by the mean and spread of the train set."""
    level = ImageFrontEnd((28, 28), mean=(0.2860,), std=(0.3530,), pad=pad)
    return idx_splits(SOURCE, GARMENTS, level)
