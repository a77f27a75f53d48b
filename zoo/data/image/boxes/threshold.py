"""The front end of a detector's card: how an image is fitted, and from which score a box counts.

The threshold is chosen on dev when a detector has been trained, by the highest F1
(zoo/metrics/detection/operating_point.py); weights of others come without one.
Proof: tests/data/image/boxes/test_threshold.py.
"""

from collections.abc import Mapping
from typing import Any

from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.errors import BadFile

USUAL = 0.25  # of cards that do not say: what Darknet's page calls its default
FIELD = "threshold"


def in_card(front_end: BoxFrontEnd, threshold: float) -> dict[str, Any]:
    """The card's record of both.

    >>> in_card(BoxFrontEnd((416, 416)), 0.3)["threshold"]
    0.3
    """
    return {**front_end.to_card(), FIELD: round(threshold, 6)}


def from_card(record: Mapping[str, Any], name: str) -> tuple[BoxFrontEnd, float]:
    """The reverse of ``in_card``.

    Args:
        name: of the card, for messages.

    Raises:
        BadFile: if it is no such record.
    """
    value = record.get(FIELD, USUAL)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadFile(f"the card {name} has no {FIELD} that can be used: {value!r:.80}")
    rest = {key: field for key, field in record.items() if key != FIELD}
    return BoxFrontEnd.from_card(rest), float(value)
