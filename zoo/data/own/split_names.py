"""Train, dev and test by the names that people give them: of folders, of files, in a column.

One rule for every task. What can be understood in two ways is refused, with what was understood.
Proof: tests/data/own/test_split_names.py.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from zoo.data.splits import SPLITS
from zoo.errors import BadInput

NAMES = {
    "train": ("train", "training"),
    "dev": ("dev", "devel", "development", "val", "valid", "validation"),
    "test": ("test", "testing"),
}
WORDS = {word: split for split, words in NAMES.items() for word in words}
ALL = "|".join(sorted(WORDS, key=len, reverse=True))
WHOLE = re.compile(rf"({ALL})(set|data|images|split)?")  # of a name's letters
BEGINNING = re.compile(rf"({ALL})(?![a-z])")
END = re.compile(rf"(?<![a-z])({ALL})$")


def split_of(name: str) -> str | None:
    """Which of train, dev and test a name means, in any case; None if it means none of them.

    >>> split_of("Validation"), split_of("TEST"), split_of("training_set"), split_of("trains")
    ('dev', 'test', 'train', None)
    """
    found = WHOLE.fullmatch(re.sub(r"[ _-]", "", name.strip().lower()))
    return WORDS[found[1]] if found else None


def begins_like_a_split(name: str) -> bool:
    """Whether a name that means no split begins as if it did.

    >>> begins_like_a_split("train2017"), begins_like_a_split("trains")
    (True, False)
    """
    return split_of(name) is None and BEGINNING.match(name.strip().lower()) is not None


def hinted_split(name: str) -> str | None:
    """The split that a name begins or ends like; None if there is none, or if it means one.

    >>> hinted_split("train2017"), hinted_split("seg_test"), hinted_split("latest")
    ('train', 'test', None)
    """
    lower = name.strip().lower()
    found = BEGINNING.match(lower) or END.search(lower)
    return WORDS[found[1]] if found and split_of(name) is None else None


def find_splits(place: Path, names: Iterable[str], *, train: bool = True) -> dict[str, str]:
    """The split of each name that means one: {"train": "Train", "dev": "val"}.

    Args:
        place: where the names were found, for messages.
        train: whether there must be one for train if there is any.

    Raises:
        BadInput: for two names of one split, and for dev or test without train.
    """
    return _assigned(place, {name: name for name in names}, train)


def split_files(folder: Path, endings: Iterable[str], *, train: bool = True) -> dict[str, Path]:
    """The files of a folder that are called as a split, such as ``Valid.txt``, by split.

    Args:
        endings: what follows the name of the split: (".conll", ".txt"), in any case.
        train: as of ``find_splits``.

    Raises:
        BadInput: as ``find_splits``.
    """
    stems = {}
    for path in folder.iterdir():
        fitting = [end for end in endings if path.name.lower().endswith(end)]
        if fitting and path.name[0] != "." and path.is_file():
            stems[path.name] = path.name[: -max(map(len, fitting))]
    return {split: folder / name for split, name in _assigned(folder, stems, train).items()}


def _assigned(place: Path, names: Mapping[str, str], train: bool) -> dict[str, str]:
    """``find_splits``, of names with what stands in them for the split."""
    found: dict[str, str] = {}
    for name in sorted(names):
        if split := split_of(names[name]):
            if split in found:
                raise BadInput(
                    f"{place} has {found[split]} and {name}: both mean {split}; join them, or move "
                    "one away"
                )
            found[split] = name
    if train and found and "train" not in found:
        got = " and ".join(f"{name} ({split})" for split, name in found.items())
        raise BadInput(f"{place} has {got}, but nothing to train on; expected train beside it")
    return {split: found[split] for split in SPLITS if split in found}
