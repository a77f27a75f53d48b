"""Errors end a program with one line."""

import pytest

from zoo.errors import (
    BadFile,
    BadInput,
    Busy,
    CannotWrite,
    Interrupted,
    Missing,
    NotFinite,
    UnknownName,
    ZooError,
    one_line,
    one_line_of,
)


def test_an_error_of_ours_is_one_line_and_exit_code_2(capsys):
    with pytest.raises(SystemExit) as stop, one_line():
        raise BadInput("got a\nb; expected c")
    assert stop.value.code == 2
    assert capsys.readouterr().err == "zoo: got a b; expected c\n"


def test_any_other_error_is_a_bug_and_shown_as_one():
    with pytest.raises(ZeroDivisionError), one_line():
        raise ZeroDivisionError


def test_nothing_happens_without_an_error():
    with one_line():
        done = True
    assert done


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\x1b[31mred\x07 b", r"a\x1b[31mred\x07 b"),
        ("two\nlines\tand  blanks", "two lines and blanks"),
        ("left\u202eright\u2066 \ufeffx", r"left\u202eright\u2066 \ufeffx"),
        ("caf\u00e9 \u65e5\u672c \U0001f600", "caf\u00e9 \u65e5\u672c \U0001f600"),
        ("half\ud800", r"half\ud800"),
        ("null\0x\x9bz", r"null\x00x\x9bz"),
        ("bad\nException raised from allocate at CPU.cpp:9\nframe #0: c10", "bad"),
    ],
)
def test_a_message_is_one_line_without_control_characters(given, shown):
    assert str(BadFile(given)) == one_line_of(given) == shown


def test_long_words_and_long_messages_are_cut_with_their_ends_kept():
    word = str(BadFile("starts " + "x" * 10**6 + " ends"))
    assert word.startswith("starts xxx")
    assert word.endswith("xxx ends")
    assert len(word) == 200 + len("starts  ends")
    text = str(BadFile("begin " + "word " * 10**6))
    assert len(text) == 800
    assert text.startswith("begin word")


def test_every_class_of_errors_is_one_line():
    for kind in (ZooError, UnknownName, BadInput, BadFile, Missing, CannotWrite, Busy, NotFinite):
        assert str(kind("a\n\x1b b")) == r"a \x1b b", kind
    assert str(Interrupted("a\nb", 2)) == "a b"
