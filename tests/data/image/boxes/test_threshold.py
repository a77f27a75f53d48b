"""A detector's card: front end and threshold come back, and nothing odd does."""

import json

import pytest

from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.threshold import USUAL, from_card, in_card, overlap_from_card
from zoo.errors import BadFile

FRONT_END = BoxFrontEnd((320, 416), "darknet", (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))


@pytest.mark.parametrize("threshold", [0.0, 0.37, 1.0])
def test_both_come_back(threshold):
    record = json.loads(json.dumps(in_card(FRONT_END, threshold)))
    assert from_card(record, "x") == (FRONT_END, threshold)


def test_weights_of_others_have_the_usual_threshold():
    assert from_card(FRONT_END.to_card(), "x") == (FRONT_END, USUAL)


@pytest.mark.parametrize("value", [None, True, "0.5", -0.1, 1.1, float("nan"), [0.5], 10**400])
def test_an_odd_threshold_is_refused(value):
    with pytest.raises(BadFile, match="the card tiny has no threshold that can be used"):
        from_card({**FRONT_END.to_card(), "threshold": value}, "tiny")


@pytest.mark.parametrize("change", [{"kind": "images"}, {"size": [0, 3]}, {"fit": 7}, {"more": 1}])
def test_an_odd_front_end_is_refused(change):
    with pytest.raises(BadFile, match="front end is not understood"):
        from_card({**in_card(FRONT_END, 0.5), **change}, "tiny")


def test_a_card_may_state_an_overlap():
    record = {**in_card(BoxFrontEnd((64, 64)), 0.3), "overlap": 0.7}
    assert overlap_from_card(record, "some") == 0.7
    assert from_card(record, "some") == (BoxFrontEnd((64, 64)), 0.3)
    assert overlap_from_card(in_card(BoxFrontEnd((64, 64)), 0.3), "some") == 0.45
    for wrong in (1.5, "0.7", True, None):
        with pytest.raises(BadFile, match="no overlap that can be used"):
            overlap_from_card({**record, "overlap": wrong}, "some")
