"""Errors end a program with one line."""

import pytest

from zoo.errors import BadInput, one_line


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
