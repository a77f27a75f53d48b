"""One JSON file of COCO: images, the boxes in them, the names of the classes.

    {"images": [{"id": 7, "file_name": "a.jpg", "width": 64, "height": 48}, ...],
     "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [x, y, w, h],
                      "iscrowd": 0}, ...],
     "categories": [{"id": 3, "name": "cat"}, ...]}

Ids may be any numbers, 0 too. The far corner is the exact sum of the decimals, rounded once, so
that what is written (zoo/data/own/boxes/writers.py) is read as it was; outlines, which take most of
such a file, are dropped one by one. Proof: tests/data/own/boxes/test_coco_json.py.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from zoo import reading
from zoo.data.own.boxes.yolo_text import EXACT
from zoo.errors import BadFile

WHAT = "a JSON file of COCO"
PARTS = ("images", "annotations", "categories")
HEAD = 1 << 16  # bytes in which one of PARTS begins
NAMED = re.compile(rb'"(images|annotations|categories)"\s*:\s*\[')
SPACE = re.compile(r"[ \t\r\n]*")


class Entry(NamedTuple):
    """One object in a list of the file, and its line from 1."""

    value: dict[str, Any]
    line: int


@dataclass
class CocoFile:
    """What a file has in its three lists."""

    path: Path
    lists: dict[str, list[Entry]] = field(default_factory=dict)


def may_be_coco(path: Path) -> bool:
    """Whether a JSON file begins like COCO's; one that has categories alone is none."""
    with reading.unpacked(path, WHAT, reading.DATA) as file:
        head = file.read(HEAD)
    named = {*NAMED.findall(head)}
    return bool(named) and (named != {b"categories"} or len(head) == HEAD)


def read_coco_json(path: Path) -> CocoFile:
    """The lists of a file; what is in their objects is not looked at.

    Raises:
        Missing, BadFile: as ``zoo.reading.read_text``; BadFile for what is no JSON, and for a list
            that is none or is missing.
    """
    text = reading.read_text(path, WHAT, reading.DATA)
    scanner = _Scanner(path, text)
    found = CocoFile(path)
    for key in scanner.members():
        if key in PARTS:
            if key in found.lists:
                raise BadFile(f"{path}:{scanner.line()}: {key!r} twice; join the two lists")
            found.lists[key] = list(scanner.entries(key))
        else:
            scanner.value()
    scanner.end()
    if lacking := [key for key in PARTS if key not in found.lists]:
        raise BadFile(f"{path} has no list of {' and '.join(lacking)}; expected {WHAT}")
    return found


class _Scanner:
    """The values of a JSON text, one after another, with their lines."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text, self.at = path, text, 0
        self._line, self._counted = 1, 0
        self._decoder = json.JSONDecoder(parse_float=Decimal, object_hook=_without_outline)

    def line(self) -> int:
        """Of where it stands."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def members(self) -> Iterator[str]:
        """The keys of the outermost object; the value of each must be read before the next."""
        if self._next_is("["):
            raise BadFile(f"{self.path} is a list; expected {WHAT}, with {', '.join(PARTS)}")
        self._expect("{")
        if self._next_is("}"):
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise self._error("expected a key")
            self._expect(":")
            yield key
            if not self._next_is(","):
                break
        self._expect("}")

    def entries(self, name: str) -> Iterator[Entry]:
        """The objects of a list."""
        self._expect("[")
        if self._next_is("]"):
            return
        while True:
            self._skip()
            line = self.line()
            value = self.value()
            if not isinstance(value, dict):
                raise BadFile(f"{self.path}:{line}: {name} has {str(value)[:40]}, expected objects")
            yield Entry(value, line)
            if not self._next_is(","):
                break
        self._expect("]")

    def end(self) -> None:
        """Nothing may follow.

        Raises:
            BadFile: for more values.
        """
        self._skip()
        if self.at < len(self.text):
            raise self._error("more after the end")

    def value(self) -> Any:
        """Any value."""
        self._skip()
        try:
            found, self.at = self._decoder.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            self.at = error.pos
            raise self._error(error.msg) from None
        except (RecursionError, ValueError) as error:  # lists in lists; numbers of 5,000 digits
            raise self._error(str(error)) from None
        return found

    def _skip(self) -> None:
        found = SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _next_is(self, mark: str) -> bool:
        self._skip()
        there = self.text.startswith(mark, self.at)
        self.at += there
        return there

    def _expect(self, mark: str) -> None:
        if not self._next_is(mark):
            raise self._error(f"expected {mark!r}")

    def _error(self, what: str) -> BadFile:
        return BadFile(f"{self.path}:{self.line()}: no JSON: {what}; expected {WHAT}")


def _without_outline(value: dict[str, Any]) -> dict[str, Any]:
    value.pop("segmentation", None)
    return value


def corner(low: Any, size: Any) -> float:
    """The far corner, of a near one and a width or height, as JSON has them.

    >>> corner(Decimal("0.1"), Decimal("0.2")), 0.1 + 0.2
    (0.3, 0.30000000000000004)
    """
    return float(EXACT.add(Decimal(low), Decimal(size)))


def span(low: float, high: float) -> Decimal:
    """The width or height to write, of which ``corner`` makes ``high`` again, bit for bit."""
    return EXACT.subtract(Decimal(repr(high)), Decimal(repr(low)))
