"""The 1,797 scanned digits that come with scikit-learn: 8x8 images, 17 levels of grey.

Alpaydin & Kaynak 1998, the test half of UCI "Optical Recognition of Handwritten Digits", CC BY 4.0.
No download: what ``make demo`` trains on.
"""

import torch

from zoo.data.image.few_labels import few
from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.resize import frame, resized

SVC_EXAMPLE = "scikit-learn, Recognizing hand-written digits, SVC"  # 28 of the 899 wrong: 3.1 %


def digits(size: int = 8, pad: int = 0) -> ImageSplits:
    """The split of scikit-learn's example "Recognizing hand-written digits".

    Its first half trains, its second half (899 digits, of other writers) tests; of the first half
    every ninth is our dev set.

    Args:
        size: height and width after resizing; 28 with ``pad=2`` for LeNet-5.
    """
    from sklearn.datasets import load_digits

    raw = load_digits()
    pixels = torch.from_numpy(raw.images / 16 * 255).round().to(torch.uint8)  # (N, 8, 8)
    pixels = frame(resized(pixels, (size, size))[:, None], pad)
    labels = torch.from_numpy(raw.target).to(torch.int64)
    everything = Images(pixels, labels, tuple("0123456789"))
    half = len(everything) // 2
    is_dev = torch.arange(half) % 9 == 8
    return ImageSplits(
        name="scikit-learn digits",
        licence="CC BY 4.0 (UCI)",
        train=everything.pick(torch.arange(half)[~is_dev]),
        dev=everything.pick(torch.arange(half)[is_dev]),
        test=everything.pick(slice(half, None)),
        front_end=ImageFrontEnd((size, size), mean=(0.3,), std=(0.35,), pad=pad, ink="light"),
    )


def few_digits(each: int = 10, size: int = 8, pad: int = 0) -> ImageSplits:
    """scikit-learn's digits with ``each`` labels a class."""
    return few(digits(size, pad), each)
