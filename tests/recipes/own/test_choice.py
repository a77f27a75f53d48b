"""Which examples are measured, and under which name, whatever is wanted."""

from pathlib import Path

import pytest

from zoo.errors import UnknownName
from zoo.recipes.common.record import Record
from zoo.recipes.own.choice import Wanted

PLACE = Path("cells")
RUN = Record({"train": [("a",), ("b",)], "dev": [("c",)], "test": [("d",), ("e",)]})


def chosen(stated, split=None, record=RUN):
    stated = {name: [(one,) for one in part] for name, part in stated.items()}
    choice = Wanted("runs/x", split, record).choose(PLACE, stated)
    examples = [one for part in stated.values() for (one,) in part]
    return choice.split, "".join(examples[i] for i in choice.chosen), str(choice)


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        (None, ("test", "de", "held out in training")),
        ("dev", ("dev", "c", "held out in training, chosen on")),
        ("train", ("train", "ab", "2 of 2 trained on")),
        ("all", ("all", "edcba", "2 of 5 trained on")),
    ],
)
def test_of_the_runs_own_data_its_own_division(split, expected):
    name, examples, text = chosen({"": "edcba"}, split)
    assert (name, "".join(sorted(examples)), text) == (
        expected[0],
        "".join(sorted(expected[1])),
        expected[2],
    )


def test_what_was_added_is_new_and_what_is_gone_is_not_the_cards_number():
    assert chosen({"": "abcdexy"}) == ("test", "de", "held out in training")
    assert chosen({"": "abcdexy"}, "new") == ("new", "xy", "none of 2 trained on")
    told = "none of 1 trained on, 3 others left out (--split all)"
    assert chosen({"": "abcd"}) == ("test", "d", told)
    assert chosen({"": "abcd"}, "test") == ("test", "d", "none of 1 trained on")
    assert chosen({"": "abc"}) == ("all", "abc", "2 of 3 trained on")


def test_of_other_data_all_and_how_much_of_it_was_learned():
    assert chosen({"": "wxyz"}) == ("all", "wxyz", "none of 4 trained on")
    assert chosen({"": "wxyza"}) == ("all", "wxyza", "1 of 5 trained on")
    assert chosen({"": "wxyz"}, record=None) == ("all", "wxyz", "")
    for split in ("test", "dev", "train", "new", "tset"):
        with pytest.raises(UnknownName, match=f"cells has no split '{split}', there is all"):
            chosen({"": "wxyz"}, split)
    with pytest.raises(UnknownName, match="what runs/x was trained on is not known here"):
        chosen({"": "wxyz"}, "dev", None)


def test_a_division_of_the_users_is_theirs():
    parts = {"train": "abc", "test": "de"}
    assert chosen(parts) == ("test", "de", "held out in training")
    assert chosen(parts, "dev") == ("dev", "c", "held out in training, chosen on")
    assert chosen(parts, "train") == ("train", "ab", "2 of 2 trained on")
    moved = {"train": "cde", "test": "ab"}  # divided anew since
    assert chosen(moved) == ("test", "ab", "2 of 2 trained on")
    other = {"train": "vwx", "dev": "y", "test": "z"}
    assert chosen(other, "train", None) == ("train", "vwx", "")
    with pytest.raises(UnknownName, match="no split 'test', there is train, dev, all"):
        chosen({"train": "vw", "dev": "x"}, record=None)
    assert chosen({"train": "vw", "dev": "x"}, "all", None) == ("all", "vwx", "")
    assert chosen(other, "train") == ("train", "vwx", "none of 3 trained on")


def test_only_the_parts_that_matter_are_read():
    assert Wanted("x").needed(["train", "test"]) == ["test"]
    assert Wanted("x", "dev").needed(["train", "dev", "test"]) == ["dev"]
    assert Wanted("x", "train").needed(["train", "dev"]) == ["train", "dev"]
    assert Wanted("x", "dev").needed(["train", "test"]) == ["train", "test"]  # some of train may be
    assert Wanted("x").needed([""]) == [""]


def test_what_one_rule_divides_is_the_runs_or_measured_whole():
    def part(divided, split=None, record=RUN):
        divided = {name: [(one,) for one in lines] for name, lines in divided.items()}
        choice = Wanted("runs/x", split, record).choose_part(PLACE, divided, "lines")
        return choice.split, str(choice)

    same = {"train": "ab", "dev": "c", "test": "de"}
    assert part(same) == ("test", "held out in training")
    assert part(same, "train") == ("train", "2 of 2 lines trained on")
    assert part(same, "all") == ("all", "2 of 5 lines trained on")
    assert part({"train": "abx", "dev": "c", "test": "de"}) == ("all", "2 of 6 lines trained on")
    assert part(same, record=None) == ("all", "")
    with pytest.raises(UnknownName, match="no split 'test', there is all"):
        part({"train": "abx", "dev": "c", "test": "de"}, "test")
