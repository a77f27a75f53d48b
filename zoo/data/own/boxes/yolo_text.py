"""YOLO's text: a line for each box, its class and its middle and size as parts of the image's.

    0 0.3125 0.291667 0.375 0.416667        class cx cy w h, classes counted from 0

The numbers are read exactly, as decimals, and the corners are rounded once, to 64-bit floats. What
is written has as many digits as it takes to read the same corners again: 6 would move them by some
thousandths of a pixel. Proof: tests/data/own/boxes/test_yolo_text.py.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal, localcontext

from zoo.data.own.boxes import Box, Corners, Size
from zoo.data.own.told import counted
from zoo.errors import BadInput

WHOLE = re.compile(r"[+-]?\d+")
LINE_END = re.compile(r"\r\n?|\n")
EXACT = Context(prec=800, traps=[])  # sums and products of what is written here are exact
HALF = Decimal("0.5")
DIGITS = (6, 8, 10, 12, 14, 16, 17, 18, 19, 20, 22, 24, 28, 32, 40, 80, 160, 340)  # after the point
FIELDS = "class cx cy w h"


def parsed_line(text: str, line: int, names: Sequence[str], size: Size, hint: str = "") -> Box:
    """The box of a line.

    Args:
        names: of the classes; of those that have none, their numbers.
        size: width and height of the image.
        hint: what may be the matter with a class that there is not.

    Raises:
        BadInput: for other fields than these, and for a class that there is not.
    """
    fields = text.split()
    if len(fields) != 5:
        more = " (a polygon, or a score?)" if len(fields) > 5 else ""
        raise BadInput(f"{counted(len(fields), 'fields')}{more}, expected 5: {FIELDS}")
    if not WHOLE.fullmatch(fields[0]):
        raise BadInput(f"the class is {fields[0][:20]!r}, expected a whole number from 0")
    row = int(fields[0][:20])
    if not 0 <= row < len(names):
        raise BadInput(f"class {row}, expected 0 to {len(names) - 1}{hint}")
    numbers = []
    for field in fields[1:]:
        try:
            numbers.append(Decimal(field[:900]))
        except ArithmeticError:
            raise BadInput(f"{field[:20]!r} is no number; expected {FIELDS}") from None
    return Box(names[row], corners_of(numbers, size), line)


def corners_of(numbers: Sequence[Decimal], size: Size) -> Corners:
    """The corners in pixels of a middle and a size (cx, cy, w, h) as parts of the image's."""
    cx, cy, w, h = numbers
    width, height = size
    with localcontext(EXACT):
        x, y = w * HALF, h * HALF
        scaled = ((cx - x) * width, (cy - y) * height, (cx + x) * width, (cy + y) * height)
    x1, y1, x2, y2 = (float(one) for one in scaled)
    return x1, y1, x2, y2


def written_line(row: int, corners: Corners, size: Size) -> str:
    """The line of a box; ``corners_of`` it are ``corners``, bit for bit."""
    (x1, y1, x2, y2), (width, height) = corners, size
    cx, w = _middle_and_size(x1, x2, width)
    cy, h = _middle_and_size(y1, y2, height)
    return " ".join([str(row), *(_plain(one) for one in (cx, cy, w, h))])


def _middle_and_size(low: float, high: float, whole: int) -> tuple[Decimal, Decimal]:
    """The fewest of DIGITS that lead back to the same floats; 0 and ``whole`` are met exactly."""
    with localcontext(EXACT) as context:
        for digits in DIGITS:
            context.prec = digits + 20  # of a division; the others need no more
            unit = Decimal(1).scaleb(-digits)
            first = (Decimal(low) / whole).quantize(unit)
            last = (Decimal(high) / whole).quantize(unit)
            if float(first * whole) == low and float(last * whole) == high:
                break
        return (first + last) * HALF, last - first


def _plain(number: Decimal) -> str:
    """Without an exponent and without zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not empty, with their numbers."""
    return ((n, line) for n, line in enumerate(LINE_END.split(text), 1) if line.strip())


def is_label(text: str) -> bool:
    """Whether the first line of a text is five numbers, or has as many as a polygon."""
    fields = next((line for _, line in numbered(text)), "").split()
    try:
        return len(fields) >= 5 and all(Decimal(one[:900]) is not None for one in fields)
    except ArithmeticError:
        return False


def classes_used(texts: Iterable[str]) -> tuple[int, int]:
    """The lowest and the highest class in the texts of label files; (0, -1) without a box."""
    first = (line.split()[0] for text in texts for _, line in numbered(text))
    rows = {int(one[:20]) for one in first if WHOLE.fullmatch(one)}
    return (min(rows), max(rows)) if rows else (0, -1)
