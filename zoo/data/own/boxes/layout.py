"""Which files there are, and which label file belongs to which image, however folders are called.

An image and its labels have the same key: their path without the folders that only say what kind
of file lies there, and without the ending. So all of these fit together, and a folder that is
called as a split is one:

    images/train/a.jpg  labels/train/a.txt      train/images/a.jpg  train/labels/a.txt
    JPEGImages/a.jpg    Annotations/a.xml       a.jpg               a.xml

Proof: tests/data/own/boxes/test_layout.py.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zoo.data.image.sniff import is_meant_as_image
from zoo.data.own.image_folder import HIDDEN, LINK, SYSTEM
from zoo.data.own.split_names import split_of
from zoo.data.own.told import LeftOut
from zoo.errors import BadInput

OF_IMAGES = ("images", "image", "imgs", "img", "jpegimages", "pictures", "photos", "data")
OF_LABELS = ("labels", "label", "annotations", "annotation", "anns", "xml", "xmls", "txt", "txts")
KINDS = frozenset((*OF_IMAGES, *OF_LABELS))
TEXTS = (".xml", ".txt", ".json", ".json.gz", ".yaml", ".yml", ".names", ".labels", ".data")
Key = tuple[str, ...]


@dataclass
class Files:
    """All files of a folder: images by their key, the others by their ending."""

    root: Path
    images: dict[Key, list[Path]] = field(default_factory=dict)
    texts: dict[str, list[Path]] = field(default_factory=lambda: {end: [] for end in TEXTS})
    others: list[Path] = field(default_factory=list)

    def key(self, path: Path) -> Key:
        """The key of a file below the root."""
        return key_of(path.relative_to(self.root))

    def every(self) -> Iterator[Path]:
        """All images."""
        return (path for paths in self.images.values() for path in paths)

    def image_for(self, labels: Path) -> Path | None:
        """The image that belongs to a label file; None if there is none.

        Raises:
            BadInput: if there are several.
        """
        found = self.images.get(self.key(labels), [])
        beside = [path for path in found if path.parent == labels.parent]
        found = beside or found
        if len(found) > 1:
            names = " and ".join(str(path.relative_to(self.root)) for path in found[:2])
            raise BadInput(f"{labels}: {names} may both be its image; remove one")
        return found[0] if found else None

    def split(self, path: Path) -> str:
        """The split that a folder above a file means; "" if there is none.

        Raises:
            BadInput: if there are two.
        """
        named = {split_of(part) or "" for part in path.relative_to(self.root).parts[:-1]} - {""}
        if len(named) > 1:
            raise BadInput(f"{path} lies in folders for {' and '.join(sorted(named))}; move it")
        return named.pop() if named else ""


def key_of(relative: Path) -> Key:
    """The key of a path.

    >>> key_of(Path("images/train/a.jpg")) == key_of(Path("train/labels/a.txt"))
    True
    """
    folders = (part for part in relative.parts[:-1] if part.lower() not in KINDS)
    return (*folders, relative.stem)


def alike(parts: Sequence[str], others: Sequence[str]) -> int:
    """How many parts of two paths are the same from the beginning on.

    >>> alike(Path("a/b/c").parts, Path("a/b/d/c").parts)
    2
    """
    pairs = zip(parts, others, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(parts), len(others)))


def scan(root: Path, left_out: LeftOut) -> Files:
    """All files below a folder, in the order of their paths; hidden ones are left out."""
    found = Files(root)
    for path in _walk(root, left_out):
        name = path.name.lower()
        end = next((end for end in TEXTS if name.endswith(end)), "")
        if end:
            found.texts[end].append(path)
        elif is_meant_as_image(path):
            found.images.setdefault(found.key(path), []).append(path)
        else:
            found.others.append(path)
    return found


def _walk(folder: Path, left_out: LeftOut) -> Iterator[Path]:
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    for entry in entries:
        path = Path(entry.path)
        if entry.name[0] == "." or entry.name.lower() in SYSTEM:
            left_out.add(HIDDEN, path)
        elif not path.is_dir():  # of a link to itself False, where entry.is_dir() fails
            yield path
        elif entry.is_symlink():  # which nothing follows, so that there are no circles
            left_out.add(LINK, path)
        else:
            yield from _walk(path, left_out)
