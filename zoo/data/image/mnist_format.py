"""Sets in four idx files, as MNIST is published: 60,000 + 10,000 grey images of 28x28.

The files are downloaded once and checked by sha256 on every load. They are read here, since a
format of sixteen bytes and the pixels is not worth the two seconds of importing torchvision.
Proof: tests/data/image/test_mnist_format.py (torchvision reads the published files alike).
"""

import gzip
import math
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from zoo import files
from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.resize import frame
from zoo.data.image.splits import train_dev
from zoo.data.root import data_folder
from zoo.download import exclusive, fetch
from zoo.errors import BadFile

PARTS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
BYTES = 0x800  # the magic number, without the number of dimensions


@dataclass(frozen=True)
class Source:
    """Where a set comes from: ``sha256`` and ``packed`` (of the .gz) in the order of PARTS."""

    name: str
    url: str
    licence: str
    sha256: tuple[str, ...]
    packed: tuple[str, ...]


def idx_splits(source: Source, classes: tuple[str, ...], front_end: ImageFrontEnd) -> ImageSplits:
    """Train and test as published; a twelfth of train, drawn with a fixed seed, is dev."""
    folder = data_folder()
    ensure(source, folder)
    both = read(source.name, folder, True, classes, front_end.pad)
    train, dev = train_dev(both, dev=len(both) // 12)
    test = read(source.name, folder, False, classes, front_end.pad)
    return ImageSplits(source.name, source.licence, train, dev, test, front_end)


def ensure(source: Source, folder: Path) -> None:
    """Have the four idx files in ``folder``/NAME/raw, whole; download what is not there.

    Raises:
        BadFile: if a file is cut short or altered.
        Missing: if it is not there and there is no network.
    """
    for name, sha256, packed in zip(PARTS, source.sha256, source.packed, strict=True):
        path = folder / source.name / "raw" / name
        if not path.exists():
            _download(f"{source.url}{name}.gz", path, packed)
        if (got := files.sha256(path)) != sha256:
            size = path.stat().st_size
            raise BadFile(
                f"{path} ({size} bytes) is cut short or altered: sha256 {got[:12]}..., "
                f"expected {sha256[:12]}...; remove it and it is downloaded again"
            )


def _download(url: str, path: Path, packed: str) -> None:
    """Fetch one .gz, unpack it to ``path``, remove it; several processes may ask at once."""
    files.make_folder(path.parent)
    with exclusive(path):
        if not path.exists():
            archive = fetch(url, path.with_name(f"{path.name}.gz"), packed)
            with gzip.open(archive) as packed_file, files.atomic(path) as file:
                shutil.copyfileobj(packed_file, file)
            archive.unlink()


def read(name: str, folder: Path, train: bool, classes: tuple[str, ...], pad: int = 0) -> Images:
    """One half of the set from its idx files, (N, 1, 28 + 2 pad, 28 + 2 pad).

    Raises:
        BadFile: if a file is not of this format.
    """
    raw = folder / name / "raw"
    images, labels = PARTS[:2] if train else PARTS[2:]
    pixels = _array(raw / images, 3)[:, None]
    return Images(frame(pixels, pad), _array(raw / labels, 1).to(torch.int64), classes)


def _array(path: Path, dimensions: int) -> Tensor:
    """The bytes of an idx file as uint8: after a magic number, as many sizes as dimensions."""
    data = bytearray(path.read_bytes())
    start = 4 + 4 * dimensions
    magic, *sizes = struct.unpack_from(f">{1 + dimensions}i", data) if len(data) >= start else [0]
    if magic != BYTES + dimensions or len(data) != start + math.prod(sizes):
        raise BadFile(f"{path} is no idx file of bytes in {dimensions} dimensions")
    return torch.frombuffer(data, dtype=torch.uint8, offset=start).view(sizes)
