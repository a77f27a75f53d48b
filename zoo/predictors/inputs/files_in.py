"""A folder where an input was expected: the files in it, of the kind that a predictor takes.

Proof: tests/predictors/inputs/test_files_in.py.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zoo.errors import BadInput, note

Wanted = Callable[[Path], bool]


def folder(raw: Any) -> Path | None:
    """``raw`` as a path if it is that of a folder."""
    if not isinstance(raw, str | Path) or raw == "":  # Path("") is the current folder
        return None
    try:
        return Path(raw) if Path(raw).is_dir() else None
    except (OSError, ValueError):  # a name that is too long, or holds a zero
        return None


def files_in(place: Path, wanted: Wanted, kind: str) -> list[Path]:
    """The files below a folder that are wanted, by name; their number is told on standard error.

    Hidden ones (``.a.jpg``, ``.cache/a.jpg``) are other programs' and left out.

    Args:
        kind: what they are, in the plural: "images".

    Raises:
        BadInput: if there is none.
    """
    found = sorted(path for path in place.rglob("*") if path.is_file())
    shown = [p for p in found if not any(s[0] == "." for s in p.relative_to(place).parts)]
    chosen = [path for path in shown if wanted(path)]
    if not chosen:
        raise BadInput(f"{place} has no {kind} in it, of {len(shown)} files")
    others = len(shown) - len(chosen)
    left_out = f"; {others} other files are left out" if others else ""
    note(f"{place}: {len(chosen)} {kind}{left_out}")
    return chosen


def spread(inputs: Sequence[str], wanted: Wanted, kind: str) -> list[str]:
    """The words of a command line, each folder replaced by the files in it."""
    words: list[str] = []
    for word in inputs:
        place = folder(word)
        words += [word] if place is None else map(str, files_in(place, wanted, kind))
    return words
