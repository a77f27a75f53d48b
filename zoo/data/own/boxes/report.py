"""What there is in a folder with boxes: counts, sizes, and every fault with its place.

Proof: tests/data/own/boxes/test_report.py.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from zoo.data.own.boxes import Fault, Picture
from zoo.data.own.boxes.box_list import BoxList, list_boxes
from zoo.data.own.told import counted

SMALL, MEDIUM = 32**2, 96**2  # pixels of area: COCO's bounds


@dataclass(frozen=True)
class Part:
    """What is in one part.

    Attributes:
        empty: images in which nothing is.
        boxes: of each class.
        difficult, crowd: boxes with these marks.
    """

    images: int
    empty: int
    boxes: dict[str, int]
    difficult: int
    crowd: int


@dataclass(frozen=True)
class BoxReport:
    """All that ``zoo data check`` tells.

    Attributes:
        images: smallest, median and largest width and height.
        sides: smallest, median and largest side of a box, in pixels.
        areas: how many boxes are small, medium and large as COCO has it.
        faults: what cannot be used.
    """

    name: str
    form: str
    classes: tuple[str, ...]
    parts: dict[str, Part]
    images: dict[str, tuple[float, ...]]
    sides: tuple[float, ...]
    areas: dict[str, int]
    notices: tuple[str, ...]
    faults: tuple[Fault, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        faults = [{"where": one.where, "what": one.what} for one in self.faults]
        return {**asdict(self), "faults": faults}

    def __str__(self) -> str:
        parts = self.parts.items()
        rows = [("", *self.parts)]
        rows.append(("images", *(f"{part.images:,}" for _, part in parts)))
        rows.append(("nothing in", *(f"{part.empty:,}" for _, part in parts)))
        for name in self.classes:
            rows.append((name, *(f"{part.boxes.get(name, 0):,}" for _, part in parts)))
        for mark in ("difficult", "crowd"):
            counts = [asdict(part)[mark] for _, part in parts]
            if any(counts):
                rows.append((mark, *map(str, counts)))
        first = max(len(row[0]) for row in rows)
        table = [
            "  ".join([f"{name:{first}}", *(f"{cell:>8}" for cell in cells)])
            for name, *cells in rows
        ]
        lines = [f"{self.name}: {self.form}, {counted(len(self.classes), 'classes')}", *table]
        for what, values in (*self.images.items(), ("sides of boxes", self.sides)):
            if values:
                low, middle, high = values
                lines.append(f"{what}: {low:g} to {high:g} pixels, median {middle:g}")
        lines.append(", ".join(f"{n:,} {name}" for name, n in self.areas.items()) + " boxes")
        lines += [f"{one.where}: {one.what}" for one in self.faults]
        return "\n".join([*lines, counted(len(self.faults), "faults")])


def check_boxes(path: Path) -> BoxReport:
    """Look at everything, every image decoded; nothing is changed.

    Raises:
        Missing, BadFile, BadInput: as ``list_boxes``, for what cannot be read at all.
    """
    listed = list_boxes(path, train=False)
    faults = (*listed.faults, *listed.examined())
    pictures = [one for part in listed.parts.values() for one in part]
    corners = [box.corners for one in pictures for box in one.boxes]
    sides = [side for x1, y1, x2, y2 in corners for side in (x2 - x1, y2 - y1)]
    areas = Counter(_kind((x2 - x1) * (y2 - y1)) for x1, y1, x2, y2 in corners)
    return BoxReport(
        listed.name,
        listed.form,
        listed.classes,
        parts_of(listed),
        {
            "widths of images": _spread([one.size[0] for one in pictures]),
            "heights of images": _spread([one.size[1] for one in pictures]),
        },
        _spread(sides),
        {kind: areas[kind] for kind in ("small", "medium", "large")},
        listed.notices,
        faults,
    )


def parts_of(listed: BoxList) -> dict[str, Part]:
    """The counts of each part; of data that are not divided under "all"."""
    named = listed.parts if listed.divided else {"all": listed.parts["train"]}
    return {name: _part(part) for name, part in named.items()}


def _part(some: Sequence[Picture]) -> Part:
    boxes = [box for one in some for box in one.boxes]
    return Part(
        len(some),
        sum(not one.boxes for one in some),
        dict(Counter(box.name for box in boxes)),
        sum(box.difficult for box in boxes),
        sum(box.crowd for box in boxes),
    )


def _kind(area: float) -> str:
    return "small" if area < SMALL else "medium" if area < MEDIUM else "large"


def _spread(values: list[Any]) -> tuple[float, ...]:
    return (min(values), median(values), max(values)) if values else ()
