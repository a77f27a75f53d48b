"""A folder of pictures: one folder per class, any pictures in it.

    flowers/            or      flowers/
      daisy/  a.jpg b.png         train/ daisy/ ... rose/ ...
      rose/   c.webp              test/  daisy/ ... rose/ ...     (dev/ or val/ likewise)

Every file with a picture's suffix is read, or named in an error; none is skipped silently but the
hidden ones (``.ipynb_checkpoints/a.jpg``, ``._a.jpg``), which are other programs' copies.
Proof: tests/data/own/test_image_folder.py.
"""

import sys
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.read import SUFFIXES
from zoo.data.own import LICENCE
from zoo.data.own.held_out import held_out
from zoo.data.own.split_names import split_of
from zoo.errors import BadInput, Missing


def class_names(root: Path) -> tuple[str, ...]:
    """The classes of a folder, sorted: the names of the folders in it, or in its ``train``.

    Raises:
        Missing: if there is no such folder.
        BadInput: if it has no folders in it.
    """
    return _folders(_training(root))


def _training(root: Path) -> Path:
    """The folder whose folders are the classes of the training set."""
    folders = _folders(root)
    if "train" not in folders:
        return root
    within = [p for p in (root / "train").iterdir() if p.is_dir() and p.name[0] != "."]
    one_of_many = not within and not {"train", "dev", "test"}.issuperset(folders)  # cars and trains
    return root if one_of_many else root / "train"


def _folders(place: Path) -> tuple[str, ...]:
    if not place.is_dir():
        raise Missing(
            f"no folder {place}; expected one folder of pictures for each class in it, or a CSV"
        )
    names = tuple(sorted(p.name for p in place.iterdir() if p.is_dir() and p.name[0] != "."))
    if not names:
        raise BadInput(f"{place} has no folders in it; expected one folder of pictures per class")
    return names


def image_folder(path: str | Path, front_end: ImageFrontEnd, seed: int = 0) -> ImageSplits:
    """Read a folder through ``front_end``, into memory.

    Without a ``test`` folder of its own, some training pictures are set aside for the test, and
    without a ``dev`` folder others for dev, as ``with_held_out`` says.

    Raises:
        Missing: if there is no such folder.
        BadInput: if there are no class folders, or one without a picture.
        BadFile: if a picture cannot be read; it is named.
    """
    root = Path(path)
    training = _training(root)
    train = read_classes(training, front_end)
    own = {
        split_of(name) or name: read_classes(root / name, front_end, train.classes)
        for name in ("dev", "val", "valid", "validation", "test")
        if training != root and (root / name).is_dir()
    }
    parts = with_held_out({"train": train, **own}, seed)
    name = root.resolve().name  # of "." too
    return ImageSplits(name, LICENCE, front_end=front_end, notices=(), **parts)


def with_held_out(parts: dict[str, Images], seed: int) -> dict[str, Images]:
    """Train, dev and test; what is not there is set aside from train (``held_out``)."""
    train = parts["train"]
    index = held_out(train.labels, parts, seed)
    return parts | {name: train.pick(at) for name, at in index.items()}


def read_classes(
    root: Path, front_end: ImageFrontEnd, classes: tuple[str, ...] | None = None
) -> Images:
    """All pictures below the class folders of ``root``, in the order of their names.

    Args:
        classes: the names to expect; by default, the folders that are there.
    """
    names = _folders(root)
    if classes is not None and names != classes:
        raise BadInput(f"{root} has the classes {_few(names)}; expected {_few(classes)}")
    paths, labels = [], []
    for label, name in enumerate(names):
        files = list_images(root / name)
        if not files:
            raise BadInput(f"{root / name} has no picture in it ({', '.join(SUFFIXES[:4])}, ...)")
        paths += files
        labels += [label] * len(files)
    return Images(read_all(paths, front_end, root.name), torch.tensor(labels), names)


def _few(names: tuple[str, ...]) -> str:
    """Names for a message: at most twelve, and how many more."""
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more


def read_all(paths: list[Path], front_end: ImageFrontEnd, name: str) -> Tensor:
    """Pictures (N, C, H, W) uint8, with a progress bar on a terminal."""
    shown = tqdm(paths, desc=f"reading {name}", disable=not sys.stderr.isatty(), leave=False)
    return torch.stack([front_end.pixels(path) for path in shown])


def list_images(folder: Path) -> list[Path]:
    """Every picture below a folder that is not hidden, by name."""
    paths = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return sorted(p for p in paths if not any(s[0] == "." for s in p.relative_to(folder).parts))
