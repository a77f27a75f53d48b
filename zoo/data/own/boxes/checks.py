"""Which boxes can be trained on: finite, with an area, in the image, and each of them once.

What reaches over the edge by at most OVERHANG pixels, as roundings and counting from 1 do, is
clipped, and counted. Proof: tests/data/own/boxes/test_checks.py.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from zoo.data.own.boxes import Box, Corners, Size

OVERHANG = 2.0  # pixels
LEAST = 0.1  # pixels of a side; a thinner box would vanish in a network's input
ROUNDING = 0.01  # pixels of overhang that come from numbers of six digits, and are not worth a word


@dataclass
class Checked:
    """The boxes that can be used, the others with what is wrong, and what was clipped."""

    boxes: list[Box] = field(default_factory=list)
    bad: list[tuple[Box, str]] = field(default_factory=list)
    clipped: int = 0
    furthest: float = 0.0  # pixels


def checked(boxes: Iterable[Box], size: Size) -> Checked:
    """Look at all boxes of an image.

    Args:
        size: width and height of the image.
    """
    found, seen = Checked(), dict[tuple[str, Corners], int]()
    for box in boxes:
        what = fault_of(box.corners, size)
        if not what and (box.name, box.corners) in seen:
            line = seen[box.name, box.corners]
            what = f"the box of {box.name} that line {line} has already"
        if what:
            found.bad.append((box, what))
            continue
        seen[box.name, box.corners] = box.line
        corners = clipped(box.corners, size)
        over = max(abs(a - b) for a, b in zip(corners, box.corners, strict=True))
        if over > ROUNDING:
            found.clipped += 1
            found.furthest = max(found.furthest, over)
        found.boxes.append(box._replace(corners=corners))
    return found


def fault_of(corners: Corners, size: Size) -> str:
    """Why a box cannot be used; "" if it can.

    >>> fault_of((8, 4, 32, 24), (64, 48)), fault_of((8, 4, 8, 24), (64, 48))
    ('', 'no area: x 8 to 8, y 4 to 24')
    """
    x1, y1, x2, y2 = corners
    shown = f"x {x1:g} to {x2:g}, y {y1:g} to {y2:g}"
    if not all(map(math.isfinite, corners)):
        return f"not finite: {shown}"
    width, height = size
    if x2 < x1 or y2 < y1:
        return f"the first corner is beyond the second: {shown}"
    if x2 - x1 < LEAST or y2 - y1 < LEAST:
        return f"no area: {shown}"
    if max(size) > 1 and 0 <= min(corners) <= max(corners) <= 1 and {*corners} - {0, 1}:
        return f"all in the first pixel, in parts of the image instead of pixels? {shown}"
    over = max(-x1, -y1, x2 - width, y2 - height)
    inside = clipped(corners, size)
    if over > OVERHANG or inside[2] - inside[0] < LEAST or inside[3] - inside[1] < LEAST:
        return f"outside the image of {width} x {height} pixels: {shown}"
    return ""


def clipped(corners: Corners, size: Size) -> Corners:
    """What of a box lies in the image."""
    (x1, y1, x2, y2), (width, height) = corners, size
    return max(x1, 0.0), max(y1, 0.0), min(x2, float(width)), min(y2, float(height))
