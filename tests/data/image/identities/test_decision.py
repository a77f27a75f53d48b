"""The decoder of a card: from which dissimilarity on two images show two identities."""

import pytest

from zoo.data.image.identities.decision import Decision
from zoo.errors import BadFile


@pytest.mark.parametrize(
    "decision", [Decision(0.5), Decision(0.5, 1.25, 2.5), Decision(1.1, faces="mtcnn")]
)
def test_what_a_card_holds_is_read_again(decision):
    assert Decision.from_card(decision.to_card(), "squared L2", "x") == decision


def test_without_a_threshold_it_is_the_usual_one_with_its_source():
    assert Decision.from_card({}, "-logit", "x").threshold == 0
    found = Decision.from_card({"faces": "mtcnn"}, "squared L2", "x")
    assert (found.threshold, found.faces) == (1.1, "mtcnn")
    assert "FaceNet" in found.source


@pytest.mark.parametrize(
    "record", [{"threshold": "1"}, {"threshold": True}, {"faces": 3}, {"beam": 3}]
)
def test_what_is_no_decoder_is_refused(record):
    with pytest.raises(BadFile, match="the card x has a decoder that is not understood"):
        Decision.from_card(record, "squared L2", "x")
