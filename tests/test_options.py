"""Typed options: from text, from Python, through JSON and argparse; what is said of wrong ones."""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from zoo.errors import BadInput
from zoo.options import (
    add_arguments,
    convert,
    describe_type,
    from_json,
    make_options,
    option,
    options_of,
    parsed_options,
)


@dataclass(frozen=True)
class Options:
    """One of every type."""

    beam: int | None = option(None, "prefixes that are followed")
    length: int = option(200, "how many to write; 100 % of them")
    top_p: float | None = option(None, "share", metavar="P")
    name: str = option("x y", "a name")
    again: bool = option(False, "once more")
    lm: Path | None = option(None, "a language model", metavar="ARPA")
    crops: Literal[1, 10, 144] = option(1, "views")
    kind: Literal["cbow", "skipgram"] | None = option(None, "which")
    hotwords: tuple[str, ...] = option((), "words to prefer", metavar="A,B")
    sizes: tuple[int, ...] = option((3, 4), "sizes")


GIVEN = [  # name, text, the same in Python, value
    ("beam", "5", np.int64(5), 5),
    ("beam", "none", None, None),
    ("length", "-3", -3, -3),
    ("top_p", "0.5", np.float32(0.5), 0.5),
    ("top_p", "1e-2", 0.01, 0.01),
    ("top_p", "1", 1, 1.0),
    ("name", "so", "so", "so"),
    ("again", "True", True, True),
    ("lm", "a/b.arpa", Path("a/b.arpa"), Path("a/b.arpa")),
    ("crops", "144", 144, 144),
    ("kind", "cbow", "cbow", "cbow"),
    ("hotwords", "one,no one", ["one", "no one"], ("one", "no one")),
    ("sizes", "3,4,", (3, 4), (3, 4)),
]


@pytest.mark.parametrize(("name", "text", "python", "value"), GIVEN)
def test_text_and_python_give_the_same_value(name, text, python, value):
    for given in (text, python):
        found = vars(make_options("x", Options, {name: given}))[name]
        assert (found, type(found)) == (value, type(value))


def test_what_is_not_given_is_the_default():
    assert make_options("x", Options, {}) == Options()
    assert make_options("x", Options, {"beam": 2}) == Options(beam=2)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("beam", "many", "beam must be a whole number or none, got 'many'"),
        ("length", "\u0663", "length must be a whole number, got '\u0663'"),  # an Arabic 3
        ("top_p", "\u0660.\u0665", "top_p must be a number or none"),
        ("sizes", "3,\uff14", "sizes must be numbers"),  # a wide 4
        ("beam", 2.5, "beam must be a whole number or none, got 2.5"),
        ("beam", True, "got True"),
        ("length", None, "length must be a whole number, got None"),
        ("length", "", "length must be a whole number, got ''"),
        ("top_p", "nan", "top_p must be a number or none, got 'nan'"),
        ("top_p", float("nan"), "top_p must be a number or none, got nan"),
        ("top_p", [1.0], "got [1.0]"),
        ("name", 3, "name must be text, got 3"),
        ("again", "yes", "again must be true or false, got 'yes'"),
        ("again", 1, "again must be true or false, got 1"),
        ("lm", 3, "lm must be a file or none, got 3"),
        ("crops", "3", "crops must be 1 or 10 or 144, got '3'"),
        ("crops", 3, "crops must be 1 or 10 or 144, got 3"),
        ("crops", True, "got True"),
        ("kind", "glove", "kind must be cbow or skipgram or none, got 'glove'"),
        ("hotwords", [1], "hotwords must be words with commas between them, got [1]"),
        ("sizes", "3,x", "sizes must be numbers with commas between them, got '3,x'"),
        ("sizes", (3, 0.5), "got (3, 0.5)"),
    ],
)
def test_a_value_of_another_type_is_refused_in_one_line(name, value, said):
    with pytest.raises(BadInput) as error:
        make_options("lenet5.tiny", Options, {name: value})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_name_is_told_which_there_are():
    @dataclass(frozen=True)
    class Few:
        crops: int = option(1, "views")

    @dataclass(frozen=True)
    class Empty:
        pass

    with pytest.raises(BadInput, match=r"^lenet5.mnist has no option beam; it has crops$"):
        make_options("lenet5.mnist", Few, {"beam": 5})
    with pytest.raises(BadInput, match=r"^tagger.x has no option beam; it has none$"):
        make_options("tagger.x", Empty, {"beam": 5})


# ---- JSON ---------------------------------------------------------------------------------------


def test_json_and_back_is_the_same():
    records = json.loads(json.dumps([one.to_json() for one in options_of(Options)]))
    again = [from_json(record) for record in records]
    for one, other in zip(options_of(Options), again, strict=True):
        assert (one.name, one.default, one.help) == (other.name, other.default, other.help)
        assert one.metavar == other.metavar
        assert describe_type(one.kind) == describe_type(other.kind)
    for name, text, _, value in GIVEN:
        [one] = [one for one in again if one.name == name]
        assert convert(name, text, one.kind) == value


@pytest.mark.parametrize(
    ("kind", "said"), [(dict, "cannot be of the type dict"), (tuple[int, str], "cannot be of")]
)
def test_a_type_that_no_command_line_can_have_is_refused(kind, said):
    @dataclass(frozen=True)
    class Odd:
        x: kind = option(None, "odd")

    with pytest.raises(TypeError, match=said):
        options_of(Odd)


def test_a_field_without_help_is_refused():
    @dataclass(frozen=True)
    class Silent:
        x: int = 3

    with pytest.raises(TypeError, match=r"Silent\.x must be made by option"):
        options_of(Silent)


# ---- argparse -----------------------------------------------------------------------------------


@pytest.fixture
def parser():
    made = argparse.ArgumentParser(prog="p")
    made.add_argument("name")
    made.add_argument("--device", default="auto")
    add_arguments(made, "options of x.y", options_of(Options))
    return made


def test_a_command_line_gives_what_was_typed_and_no_more(parser):
    line = "it --beam 5 --top-p 0.5 --again --hotwords a,b --lm x.arpa"
    given = parsed_options(parser.parse_args(line.split()))
    assert given.keys() == {"beam", "top_p", "again", "hotwords", "lm"}
    assert make_options("x", Options, given) == Options(
        beam=5, top_p=0.5, again=True, hotwords=("a", "b"), lm=Path("x.arpa")
    )
    assert parsed_options(parser.parse_args(["it", "--device", "cpu"])) == {}
    assert parsed_options(parser.parse_args(["it", "--no-again"])) == {"again": False}


def test_a_name_that_the_verb_has_too_stays_the_options_own(parser):
    args = parser.parse_args(["it", "--name", "that"])
    assert (args.name, parsed_options(args)) == ("it", {"name": "that"})


def test_the_help_shows_type_default_and_meaning(parser):
    said = " ".join(parser.format_help().split())
    assert "options of x.y:" in said
    assert "--beam N prefixes that are followed --length" in said  # no default to speak of
    assert "--length N how many to write; 100 % of them (default 200)" in said
    assert "--top-p P" in said
    assert "--again, --no-again once more" in said
    assert "--lm ARPA" in said
    assert "--crops {1,10,144} views (default 1)" in said
    assert "--sizes N,N sizes (default 3,4)" in said
    assert "option." not in said


def test_options_are_read_without_torch():
    code = "import sys, zoo.options; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
