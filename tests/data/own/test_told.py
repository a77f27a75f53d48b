"""What readers tell: sizes, and all that cannot be used at once."""

import pytest

from zoo.data.own.told import Unusable, counted, few, refuse_odd_names, what_was_read
from zoo.errors import BadFile, BadInput, Missing


def noted(errors, skip=False):
    found = Unusable("images", skip=skip)
    for error in errors:
        with found.noted():
            raise error
    return found


def test_sizes_and_what_was_set_aside():
    parts = {"train": 1200, "dev": 3, "test": 4}
    assert what_was_read("images", parts) == "read images: train 1,200, dev 3, test 4"
    assert what_was_read("images", parts, ["dev"]).endswith("test 4 (dev set aside from train)")
    assert counted(1, "classes") == "1 class"
    assert few(["a"]) == "a"


def test_what_is_not_an_error_of_the_user_is_not_kept():
    with pytest.raises(ZeroDivisionError), Unusable("images", skip=True).noted():
        _ = 1 / 0


def test_none_is_nothing_to_tell():
    assert noted([]).settled(5) == []


def test_one_is_named_with_its_own_type():
    said = r"^a\.png is not there; mend or remove it, or leave it out with --skip-bad$"
    with pytest.raises(Missing, match=said):
        noted([Missing("a.png is not there")]).settled(5)


def test_all_are_named_at_once_in_one_line():
    errors = [BadFile(f"{n}.png is damaged") for n in range(13)]
    with pytest.raises(BadFile, match=r"^13 of 20 images cannot be used: 0\.png is") as caught:
        noted(errors).settled(20)
    told = str(caught.value)
    assert "9.png is damaged and 3 more; mend or remove them, or leave" in told
    assert "\n" not in told
    with pytest.raises(BadInput):
        noted([errors[0], Missing("x")]).settled(20)


def test_what_is_left_out_is_listed():
    told = noted([BadFile("a.png is damaged"), Missing("no b.png")], skip=True).settled(5)
    assert told == ["left out 2 of 5 images that cannot be used: a.png is damaged; no b.png"]


@pytest.mark.parametrize("odd", ["\x1b[31m", "\x07", "\u202e", "\x9b", "\r"])
def test_names_that_no_card_may_hold_are_refused_before_training(odd):
    refuse_odd_names(["a b", "\u200fجيد", "größe", "a\tb"], "label")
    with pytest.raises(BadInput, match="the label .* has a control character") as caught:
        refuse_odd_names(["good", f"a{odd}b"], "label")
    assert odd not in str(caught.value)
