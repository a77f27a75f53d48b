"""A seeded sample of odd files, hostile cards and odd fields; ``python -m tests.odd`` runs more."""

import os
import signal
import sys

import pytest

from tests.odd import limits
from tests.odd.limits import Case, in_child, judged
from tests.odd.run import KINDS, run

SAMPLE = {"files": 10, "cards": 10, "fields": 8}  # seconds


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_ends_as_it_should(kind, tmp_path):
    ends = run(kind, 3, SAMPLE[kind], tmp_path, weights=2)
    assert len(ends) >= SAMPLE[kind]
    assert [f"{end.case}: {end.wrong}" for end in ends if end.wrong] == []


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_hundreds_end_as_they_should(kind, tmp_path):
    """400 files for every shipped predictor and three readers; 300 cards; 300 fields."""
    ends = run(kind, 0, 400 if kind == "files" else 300, tmp_path)
    assert [f"{end.case}: {end.wrong}" for end in ends if end.wrong] == []


@pytest.mark.parametrize(
    ("code", "err", "wrong"),
    [
        (0, "", ""),
        (1, "", ""),
        (2, "zoo: no file\n", ""),
        (2, "", "exit code 2 without a line"),
        (1, "zoo: odd\n", "exit code 1"),
        (70, "Traceback (most recent call last)\n", "Traceback"),
        (2, "zoo: \x1b[31m\n", "control character"),
        (2, "zoo: " + "x" * 2000, "a line of 2005 characters"),
        (2, "zoo: MemoryError\n", "MemoryError"),
    ],
)
def test_the_judge_knows_good_ends_from_bad(code, err, wrong):
    said = judged(code, "", err)
    assert wrong in said
    assert bool(said) == bool(wrong)


def test_hangs_deaths_and_memory_are_noticed(monkeypatch):
    """Three bad commands among good ones, each in its place."""

    def command(case):
        if case.about == "hang":
            signal.pause()
        if case.about == "death":
            os._exit(9)
        return "" if case.about == "good" else case.about

    monkeypatch.setattr(limits, "command", command)
    monkeypatch.setattr(limits, "SECONDS", 0.3)
    names = ["good", "hang", "good", "death", "wrong", "good"]
    ends = in_child([Case((), name) for name in names])
    assert [end.wrong for end in ends] == [
        "", "no end after 0 s", "", "the child died: status 2304", "wrong", "",
    ]  # fmt: skip
    assert sys.stdout is not None
