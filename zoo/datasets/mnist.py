"""MNIST and Fashion-MNIST: 60,000 + 10,000 grey pictures of 28x28, ten classes each.

LeCun, Cortes, Burges (yann.lecun.com/exdb/mnist); Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747.
The idx files are downloaded once, checked by sha256 on every load, and read by torchvision.
Proof: tests/datasets/test_mnist.py.
"""

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch

from zoo import files
from zoo.data.image.pictures import Pictures, Splits
from zoo.data.image.preprocess import PictureFrontEnd, frame
from zoo.data.root import data_folder
from zoo.data.splits import train_dev
from zoo.download import alone, fetch
from zoo.errors import BadFile

PARTS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


@dataclass(frozen=True)
class Source:
    """Where a set comes from: ``sha256`` and ``packed`` (of the .gz) in the order of PARTS."""

    name: str
    url: str
    licence: str
    sha256: tuple[str, ...]
    packed: tuple[str, ...]


MNIST = Source(
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
FASHION = Source(
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


def mnist(pad: int = 0) -> Splits:
    """The digits: 55,000 / 5,000 / 10,000, the dev set drawn from the 60,000 with a fixed seed.

    Args:
        pad: black frame; LeNet-5 wants 2, for 32x32 pictures (LeCun et al. 1998, sec. II.B).

    Pixels are normalised as in that section: white ground to -0.1, black ink to 1.175.
    """
    level = PictureFrontEnd((28, 28), mean=(0.1 / 1.275,), std=(1 / 1.275,), pad=pad, ink="light")
    return _splits(MNIST, tuple("0123456789"), level)


def fashion_mnist(pad: int = 0) -> Splits:
    """The garments: 55,000 / 5,000 / 10,000; normalised by the mean and spread of the train set."""
    level = PictureFrontEnd((28, 28), mean=(0.2860,), std=(0.3530,), pad=pad)
    return _splits(FASHION, GARMENTS, level)


def _splits(source: Source, classes: tuple[str, ...], front_end: PictureFrontEnd) -> Splits:
    folder = data_folder()
    ensure(source, folder)
    both = read(source.name, folder, True, classes, front_end.pad)
    train, dev = train_dev(both, dev=len(both) // 12)
    test = read(source.name, folder, False, classes, front_end.pad)
    return Splits(source.name, source.licence, train, dev, test, front_end)


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
    with alone(path):
        if not path.exists():
            archive = fetch(url, path.with_name(f"{path.name}.gz"), packed)
            with gzip.open(archive) as packed_file, files.atomic(path) as file:
                shutil.copyfileobj(packed_file, file)
            archive.unlink()


def read(name: str, folder: Path, train: bool, classes: tuple[str, ...], pad: int = 0) -> Pictures:
    """One half of the set from its idx files, (N, 1, 28 + 2 pad, 28 + 2 pad)."""
    from torchvision import datasets  # 1.7 s: only where it is used

    half = getattr(datasets, name)(folder, train=train, download=False)
    return Pictures(frame(half.data[:, None], pad), half.targets.to(torch.int64), classes)
