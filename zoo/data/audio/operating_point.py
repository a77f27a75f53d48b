"""The front end of a detector's card: log-mel features, and from when on a word counts as detected.

Proof: tests/data/audio/test_operating_point.py.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from zoo.data.audio.log_mel import LogMel
from zoo.errors import BadFile

USUAL = 1.0  # seconds between detections, of cards that do not say


class OperatingPoint(NamedTuple):
    """When a word is detected."""

    threshold: float  # probability
    refractory: float = USUAL  # shortest time between two detections, in seconds

    def in_card(self, front_end: LogMel) -> dict[str, Any]:
        """The card's record of both."""
        return {
            **front_end.to_card(),
            "threshold": round(self.threshold, 6),
            "refractory": self.refractory,
        }


def from_card(record: Mapping[str, Any], name: str) -> tuple[LogMel, OperatingPoint]:
    """The reverse of ``in_card``.

    Args:
        name: of the card, for messages.

    Raises:
        BadFile: if it is no such record.
    """
    rest = {"refractory": USUAL, **record}
    chosen = {}
    for field in OperatingPoint._fields:
        value = rest.pop(field, None)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            raise BadFile(f"the card {name} has no {field} that can be used: {value!r:.80}")
        chosen[field] = float(value)
    return LogMel.from_card(rest), OperatingPoint(**chosen)
