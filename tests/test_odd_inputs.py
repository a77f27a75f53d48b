"""A seeded sample of odd files, hostile cards and odd fields; ``python -m tests.odd`` runs more."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.odd import limits
from tests.odd.limits import Case, in_child, judged
from tests.odd.run import KINDS

ROOT = Path(__file__).parents[1]


def odd(kind, *words):
    """Its own process: memory and threads of earlier tests would count, and forbid to fork."""
    command = [sys.executable, "-m", "tests.odd", "--only", kind, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_ends_as_it_should(kind):
    done = odd(kind, "--seed", "3", "--count", "12", "--weights", "2")
    assert done.returncode == 0, done.stdout
    assert f"{kind}: {12 if kind == 'files' else 9} of them" in done.stdout, done.stderr


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_hundreds_end_as_they_should(kind):
    """400 files for every shipped predictor and three readers; 300 cards; 300 fields."""
    done = odd(kind)
    assert done.returncode == 0, done.stdout


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


def test_odd_files_for_a_detector_that_is_made_here(tmp_path):
    """Also as videos, with crops, plots and a GIF; its own process, as above."""
    code = f"""
import random, sys
from pathlib import Path
import pytest
from tests.helpers.colour_detector import registered, write_detector
from tests.odd.limits import Case, in_child
from tests.odd.odd_files import odd_file
from tests.odd.run import _written
folder, draw = Path({str(tmp_path)!r}), random.Random("detector")
with pytest.MonkeyPatch.context() as patch, registered(patch):
    write_detector(folder / "weights", threshold=0.0)
    cases = []
    for number in range(40):
        path, about = odd_file(draw, folder, number)
        if draw.random() < 0.2 and path.is_file():
            path = path.rename(path.with_suffix(".mp4"))
        words = (*_written(draw, folder), "--", str(path))
        cases.append(Case(("predict", str(folder / "weights"), "--json", *words), about))
    ends = in_child(cases)
wrong = [str(end) for end in ends if end.wrong]
print(len(ends), *wrong, sep="\\n")
sys.exit(bool(wrong))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "40\n"
