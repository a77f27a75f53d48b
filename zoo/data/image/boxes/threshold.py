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
USUAL_OVERLAP = 0.45  # likewise, as ``Detector.detect`` has it
FIELD, OVERLAP = "threshold", "overlap"


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
    value = _share(record, FIELD, USUAL, name)
    rest = {key: field for key, field in record.items() if key not in (FIELD, OVERLAP)}
    return BoxFrontEnd.from_card(rest), value


def overlap_from_card(record: Mapping[str, Any], name: str) -> float:
    """The ``overlap`` of ``Detector.detect`` that a card states, or the usual one.

    Raises:
        BadFile: if it is no such number.
    """
    return _share(record, OVERLAP, USUAL_OVERLAP, name)


def _share(record: Mapping[str, Any], field: str, usual: float, name: str) -> float:
    value = record.get(field, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadFile(f"the card {name} has no {field} that can be used: {value!r:.80}")
    return float(value)
