"""A folder of your own: one folder per class, any pictures in it.

    flowers/            or      flowers/
      daisy/  a.jpg b.png         train/ daisy/ ... rose/ ...
      rose/   c.webp              test/  daisy/ ... rose/ ...     (dev/ likewise)

Every file that has a picture's suffix is read, or named in an error; none is skipped silently.
Proof: tests/data/test_folder.py.
"""

import sys
from pathlib import Path

import torch
from tqdm import tqdm

from zoo.data.batching import Pictures, Splits
from zoo.data.front_end import PictureFrontEnd
from zoo.data.pictures import SUFFIXES
from zoo.data.splits import train_dev, train_dev_test
from zoo.errors import BadInput, Missing


def class_names(root: Path) -> tuple[str, ...]:
    """The classes of a folder, sorted: the names of the folders in it, or in its ``train``.

    Raises:
        Missing: if there is no such folder.
        BadInput: if it has no folders in it.
    """
    if not root.is_dir():
        raise Missing(f"no folder {root}; expected one folder of pictures for each class in it")
    place = root / "train" if (root / "train").is_dir() else root
    found = tuple(sorted(p.name for p in place.iterdir() if p.is_dir() and p.name[0] != "."))
    if not found:
        raise BadInput(f"{place} has no folders in it; expected one folder of pictures per class")
    return found


def picture_folder(path: str | Path, front_end: PictureFrontEnd, seed: int = 0) -> Splits:
    """Read a folder through ``front_end``, into memory.

    Without its own ``test`` folder a tenth of the pictures is set aside for the test and another
    tenth for dev (with ``seed``); without its own ``dev``, a tenth of ``train``.

    Raises:
        Missing: if there is no such folder.
        BadInput: if there are no class folders, or one without a picture.
        BadFile: if a picture cannot be read; it is named.
    """
    root = Path(path)
    class_names(root)
    if not (root / "train").is_dir():
        whole = read_classes(root, front_end)
        tenth = max(len(whole) // 10, 1)
        train, dev, test = train_dev_test(whole, dev=tenth, test=tenth, seed=seed)
        return Splits(root.name, "the user's own", train, dev, test, front_end)
    train = read_classes(root / "train", front_end)
    if (root / "dev").is_dir():
        dev = read_classes(root / "dev", front_end, train.classes)
    else:
        train, dev = train_dev(train, dev=max(len(train) // 10, 1), seed=seed)
    held_out = (root / "test").is_dir()
    test = read_classes(root / "test", front_end, train.classes) if held_out else dev
    return Splits(root.name, "the user's own", train, dev, test, front_end)


def read_classes(
    root: Path, front_end: PictureFrontEnd, classes: tuple[str, ...] | None = None
) -> Pictures:
    """All pictures below the class folders of ``root``, in the order of their names.

    Args:
        classes: the names to expect; by default, the folders that are there.
    """
    found = class_names(root)
    if classes is not None and found != classes:
        raise BadInput(f"{root} has the classes {', '.join(found)}; expected {', '.join(classes)}")
    paths, labels = [], []
    for label, name in enumerate(found):
        files = sorted(p for p in (root / name).rglob("*") if p.suffix.lower() in SUFFIXES)
        if not files:
            raise BadInput(f"{root / name} has no picture in it ({', '.join(SUFFIXES[:4])}, ...)")
        paths += files
        labels += [label] * len(files)
    shown = tqdm(paths, desc=f"reading {root.name}", disable=not sys.stderr.isatty(), leave=False)
    pixels = torch.stack([front_end.pixels(path) for path in shown])
    return Pictures(pixels, torch.tensor(labels), found)
