"""A detector's card: what is written comes back, what cannot be used is named."""

import pytest

from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.operating_point import USUAL, OperatingPoint, from_card
from zoo.errors import BadFile
from zoo.metrics.trigger_word_events import REFRACTORY

FRONT_END = LogMel(levelling="running", mean=-8.0)


def test_what_is_written_comes_back():
    point = OperatingPoint(0.25, 2.0)
    record = point.in_card(FRONT_END)
    assert from_card(record, "x") == (FRONT_END, point)
    assert USUAL == REFRACTORY
    del record["refractory"]
    assert from_card(record, "x")[1] == OperatingPoint(0.25, REFRACTORY)


@pytest.mark.parametrize(
    ("field", "value"),
    [("threshold", None), ("threshold", "x"), ("threshold", True), ("refractory", -1),
     ("refractory", float("nan")), ("threshold", [0.5])],
)  # fmt: skip
def test_what_cannot_be_used_is_named(field, value):
    record = {**OperatingPoint(0.5).in_card(FRONT_END), field: value}
    with pytest.raises(BadFile, match=f"the card x has no {field} that can be used"):
        from_card(record, "x")
    with pytest.raises(BadFile, match="not a LogMel"):
        from_card({"threshold": 0.5}, "x")
