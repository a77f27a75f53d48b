"""zoo.evaluate: one path for every task; splits, ensembles, crops, the card's own number."""

import pytest

import zoo
from zoo.errors import BadInput, UnknownName


def test_the_cards_number_comes_out_again_and_the_line_says_so():
    found = zoo.evaluate("lenet5.digits")
    card = zoo.card("lenet5.digits")
    assert found.same
    assert found.recorded == card.shipped
    assert str(found).startswith(
        f"lenet5.digits on scikit-learn digits test (899): error {card.shipped:.2f} %  "
        f"(card: {card.shipped:.2f} %)"
    )
    assert len(found.mistakes()) == round(899 * found.scores["error"] / 100)


def test_another_split_is_another_number_without_a_card():
    found = zoo.evaluate("lenet5.digits", split="dev")
    assert found.recorded is None
    assert found.same
    assert "card" not in str(found)
    assert found.examples != 899
    with pytest.raises(UnknownName, match="no split 'tset'; did you mean test"):
        zoo.evaluate("lenet5.digits", split="tset")


def test_several_vote():
    both = zoo.evaluate("lenet5.digits_100+lenet5.digits_100_scratch", split="dev")
    assert both.name == "lenet5.digits_100+lenet5.digits_100_scratch"
    assert both.recorded is None


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("lenet5.digits+lenet5.fashion", {}, "differ in"),
        (None, {}, "weights are given by their name .*, got NoneType"),
        ("lenet5.digits+sentiment.polarity", {}, "differ in task"),
        ("sentiment.polarity", {"crops": 10}, "has no option crops"),
        ("resnet18.tv_in1k_v1", {}, "cannot be downloaded: add --data"),
        ("lenet5.digits", {"crops": 7}, "crops"),
    ],
)
def test_what_cannot_be_measured_is_one_line(name, given, text):
    with pytest.raises(BadInput, match=text):
        zoo.evaluate(name, **given)
