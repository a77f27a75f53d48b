"""CIFAR-10: 50,000 + 10,000 colour images of 32x32, ten classes.

Krizhevsky 2009. The official binary version is used: it is the same pixels as the Python version,
without pickles. One record is a label byte, then 1,024 red, 1,024 green, 1,024 blue bytes.
Proof: tests/datasets/test_cifar10.py.
"""

import tarfile
from pathlib import Path

import numpy as np
import torch

from zoo import files, reading
from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.splits import train_dev
from zoo.data.root import data_folder
from zoo.download import exclusive, fetch
from zoo.errors import BadFile

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
SIZE = 170_052_171
FOLDER = "cifar-10-batches-bin"
BATCHES = tuple(f"data_batch_{n}.bin" for n in (1, 2, 3, 4, 5))
FILES = (*BATCHES, "test_batch.bin")
RECORD = 1 + 3 * 32 * 32
CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
FRONT_END = ImageFrontEnd((32, 32), mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616))


def cifar10(mean_picture: bool = False) -> ImageSplits:
    """45,000 / 5,000 / 10,000, the split of He et al. 2015, sec. 4.2 (drawn with a fixed seed).

    Args:
        mean_picture: as in that paper, subtract the mean of each pixel over the training set, and
            nothing else; by default each channel's mean, and divide by its deviation.
    """
    folder = ensure(data_folder())
    train, dev = train_dev(read(*(folder / name for name in BATCHES)), dev=5000)
    test = read(folder / "test_batch.bin")
    licence = "none stated by the authors (citation asked)"
    front_end = without_mean_picture(train) if mean_picture else FRONT_END
    return ImageSplits("CIFAR-10", licence, train, dev, test, front_end)


def without_mean_picture(train: Images) -> ImageFrontEnd:
    """A front end that subtracts the mean image of ``train`` from values in [0, 1]."""
    mean = (train.pixels.double().mean(0) / 255).flatten()  # (C H W,)
    return ImageFrontEnd((32, 32), tuple(round(v, 4) for v in mean.tolist()), std=(1.0,) * 3)


def ensure(root: Path) -> Path:
    """The folder with the six files; downloaded and unpacked if they are not there.

    Raises:
        BadFile: if a file is cut short.
        Missing: if one is not there and there is no network.
    """
    folder = root / FOLDER
    if _missing(folder):
        files.make_folder(root)
        with exclusive(folder):
            if missing := _missing(folder):  # else another process was first
                archive = fetch(URL, root / "cifar-10-binary.tar.gz", SHA256, size=SIZE)
                unpack(archive, folder, missing)
                archive.unlink()
    for path in (folder / name for name in FILES):
        if (size := path.stat().st_size) != 10_000 * RECORD:
            raise BadFile(
                f"{path} is cut short: {size} bytes, expected {10_000 * RECORD}; "
                f"remove it and it is downloaded again"
            )
    return folder


def _missing(folder: Path) -> list[str]:
    return [name for name in FILES if not (folder / name).exists()]


def unpack(archive: Path, folder: Path, names: list[str]) -> None:
    """Take the named regular files out of the archive, each whole or not at all.

    Only names asked for are looked up, and only their last part is used: nothing in an archive
    can choose where it is written.
    """
    files.make_folder(folder)
    with (
        reading.unpacked(archive, "a data set", reading.DATA) as tar,
        tarfile.open(fileobj=tar, mode="r:") as packed,
    ):
        members = {Path(m.name).name: m for m in packed.getmembers() if m.isreg()}
        for name in names:
            if name not in members or members[name].size != 10_000 * RECORD:
                raise BadFile(f"{archive} has no {name} of {10_000 * RECORD} bytes; remove it")
            source = packed.extractfile(members[name])
            with files.atomic(folder / name) as file:
                file.write(source.read())  # type: ignore[union-attr]


def read(*paths: Path) -> Images:
    """Records of one or more files in the binary layout.

    Raises:
        BadFile: if a file is cut short or has a label beyond 9.
    """
    parts = []
    for path in paths:
        data = np.fromfile(path, np.uint8)
        if len(data) == 0 or len(data) % RECORD:
            raise BadFile(f"{path} is cut short: {len(data)} bytes, not a multiple of {RECORD}")
        parts.append(data.reshape(-1, RECORD))
        if (worst := int(parts[-1][:, 0].max())) > 9:
            raise BadFile(f"{path} is not CIFAR-10: it has a label {worst}, expected 0 to 9")
    records = torch.from_numpy(np.concatenate(parts))
    return Images(records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].long(), CLASSES)
