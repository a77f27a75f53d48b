"""A folder of images: one folder per class, any images in it.

    flowers/            or      flowers/
      daisy/  a.jpg b.png         train/ daisy/ ... rose/ ...
      rose/   c.webp              test/  daisy/ ... rose/ ...     (dev/ or val/ likewise)

Splits have their usual names, in any case (zoo/data/own/split_names.py); a layout that could be
meant in two ways is refused, with what was understood. What is an image, its first bytes say and
not its name (zoo/data/image/sniff.py). All else is left out, and told: hidden files, other
programs' copies, notes. Proof: tests/data/own/test_image_folder.py.
"""

from collections.abc import Iterator
from pathlib import Path

from zoo.data.image.images import ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.sniff import is_meant_as_image
from zoo.data.own.image_list import ImageList, Labelled
from zoo.data.own.split_names import (
    begins_like_a_split,
    find_splits,
    hinted_split,
    split_of,
)
from zoo.data.own.told import LeftOut, few, refuse_odd_names
from zoo.errors import BadInput, Missing

SYSTEM = ("thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin")
HIDDEN, BESIDE = "hidden or of the system", "images beside the folders"
LINK, OTHER, EMPTY = "links to folders", "no images", "folders without images"


def image_folder(
    path: str | Path, front_end: ImageFrontEnd, seed: int = 0, *, skip_bad: bool = False
) -> ImageSplits:
    """Read a folder through ``front_end``, into memory.

    Raises:
        Missing, BadFile, BadInput: as ``list_folder`` and ``ImageList.read``.
    """
    return list_folder(Path(path), skip_bad=skip_bad).read(front_end, seed)


def list_folder(
    root: Path, *, train: bool = True, same_classes: bool = True, skip_bad: bool = False
) -> ImageList:
    """The images of a folder, by split and class.

    Args:
        train: whether there must be something to train on.
        same_classes: whether all splits must have the same, as identities never have.
        skip_bad: as of ``ImageList``.

    Raises:
        Missing: if there is no such folder.
        BadInput: if there are no class folders, or one without an image; for splits with other
            classes than train's; for a layout that could be meant in two ways.
    """
    left_out = LeftOut()
    places = _places(root, train, left_out)
    names = {split: tuple(_class_folders(place)) for split, place in places.items()}
    classes = tuple(sorted({name for some in names.values() for name in some}))
    refuse_odd_names(classes, "class")
    parts: dict[str, list[Labelled]] = {}
    for split, place in places.items():
        if same_classes and names[split] != (first := next(iter(names.values()))):
            raise BadInput(f"{place} has the classes {few(names[split])}; expected {few(first)}")
        _add_loose(place, left_out)
        rows = {name: classes.index(name) for name in names[split]}
        parts[split] = list(_labelled(place, rows, left_out))
    divided = list(places.values()) != [root]
    if divided:
        _add_loose(root, left_out)
    name = root.resolve().name  # of "." too
    return ImageList(name, classes, parts, divided, left_out.told(), skip_bad)


def _add_loose(place: Path, left_out: LeftOut) -> None:
    """What stands beside the folders of classes or splits."""
    for path in sorted(place.iterdir()):
        if _hidden(path):
            left_out.add(HIDDEN, path)
        elif not path.is_dir():
            left_out.add(BESIDE if is_meant_as_image(path) else OTHER, path)


def _class_folders(place: Path) -> list[str]:
    """The names of the folders in ``place`` that are not hidden, sorted."""
    if not place.is_dir():
        raise Missing(
            f"no folder {place}; expected one folder of images for each class in it, or a CSV"
        )
    if not (names := _folders_in(place)):
        raise BadInput(f"{place} has no folders in it; expected one folder of images per class")
    return names


def _places(root: Path, train: bool, left_out: LeftOut) -> dict[str, Path]:
    """The folder that has the class folders of each split; {"train": root} if it is not divided."""
    names = _class_folders(root)
    named = [name for name in names if split_of(name)]
    others = [name for name in names if name not in named]
    if not named:
        _refuse_splits_within(root, names)
        _refuse_what_may_be_splits(root, names)
        return {"train": root}
    if named == ["train"] and others and not _folders_in(root / "train"):
        return {"train": root}  # bus, car and train
    with_images = [name for name in others if any(_images(root / name, LeftOut()))]
    if with_images:
        raise BadInput(
            f"{root} has {few(named)}, which {'is a split' if len(named) == 1 else 'are splits'}, "
            f"beside {few(with_images)}: expected either a folder for each class, or train, dev "
            "and test with a folder for each class in each; move or rename one kind"
        )
    for name in others:
        left_out.add(EMPTY, root / name)
    found = find_splits(root, named, train=train)
    return {split: root / name for split, name in found.items()}


def _refuse_what_may_be_splits(root: Path, names: list[str]) -> None:
    """Splits under other names would be learned as classes: train2017, seg_test, fold1.

    Two names that begin or end like different splits give them away, or the same folders in all;
    both only if no image lies in them beside those folders.
    """
    inner = {name: _folders_in(root / name) for name in names}
    nested = [name for name in names if inner[name] and not _images_beside(root / name)]
    hinted = {split for name in nested if (split := hinted_split(name))}
    alike = len(nested) > 1 and nested == names and len({tuple(inner[n]) for n in names}) == 1
    alike = alike and len(inner[names[0]]) > 1
    begin = len(names) > 1 and all(map(begins_like_a_split, names))
    if begin or len(hinted) > 1 or alike:
        same = f", with {few(inner[names[0]])} in each" if alike else ""
        raise BadInput(
            f"{root} has {few(names)}{same}: are these splits or classes? Call splits train, dev "
            "and test, and put a folder for each class into each; images of a class lie in its "
            "folder itself"
        )


def _images_beside(place: Path) -> bool:
    """Whether there is an image in a folder itself, not in the folders in it."""
    return any(
        is_meant_as_image(path)
        for path in place.iterdir()
        if not path.is_dir() and not _hidden(path)
    )


def _refuse_splits_within(root: Path, names: list[str]) -> None:
    """Train and test inside of a class folder would be read as one."""
    for name in names:
        splits = [inner for inner in _folders_in(root / name) if split_of(inner)]
        if len({split_of(inner) for inner in splits}) > 1:
            raise BadInput(
                f"{root / name} has {few(splits)} in it: if that is the data, give --data "
                f"{root / name}; if {name} is a class, put it into train, dev and test"
            )


def _folders_in(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir() if path.is_dir() and not _hidden(path))


def _labelled(place: Path, rows: dict[str, int], left_out: LeftOut) -> Iterator[Labelled]:
    for name, label in rows.items():
        files = list(_images(place / name, left_out))
        if not files:
            raise BadInput(f"{place / name} has no image in it (PNG, JPEG, ...)")
        yield from ((path, label) for path in files)


def _images(folder: Path, left_out: LeftOut) -> Iterator[Path]:
    """Every image below a class folder, by name."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            if path.is_symlink():  # which nothing follows, so that there are no circles
                left_out.add(LINK, path)
        elif any(_hidden(Path(part)) for part in path.relative_to(folder).parts):
            left_out.add(HIDDEN, path)
        elif is_meant_as_image(path):
            yield path
        else:
            left_out.add(OTHER, path)


def _hidden(path: Path) -> bool:
    return path.name[0] == "." or path.name.lower() in SYSTEM
