"""Two processes on the CPU (gloo): the same run as one process with the same global batch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = ["steps=30", "log_every=5", "evaluate_every=10", "save_every=10", "augment=shift"]


def zoo(out, *words, processes=1, expect=0):
    """Run ``zoo train`` with that many processes; the CompletedProcess."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    launch += ["--nproc-per-node", str(processes)]
    start = launch if processes > 1 else [sys.executable]
    command = [*start, "-m", "zoo", "train", "lenet5.digits", *words, "--out", str(out)]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=240, cwd=ROOT, check=False
    )
    assert done.returncode == expect, done.stderr[-3000:]
    return done


def rows(out):
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    zoo(one, *SETTINGS, "--json")
    said = zoo(two, *SETTINGS, "--json", processes=2)
    return one, two, said


def test_the_losses_are_those_of_one_process(runs):
    one, two, _ = runs
    pairs = list(zip(rows(one), rows(two), strict=True))
    assert len(pairs) == 6
    for alone, together in pairs:
        assert together["loss"] == pytest.approx(alone["loss"], abs=1e-5)
        assert together["step"] == alone["step"]


def test_evaluation_counts_every_example_once(runs):
    """99 dev digits do not divide by 2: a padded or dropped one would change the percentage."""
    one, two, _ = runs
    for alone, together in zip(rows(one), rows(two), strict=True):
        assert together.get("dev_error") == alone.get("dev_error")
    scores = [
        json.loads((out / "lenet5.digits.json").read_text())["measured"] for out in (one, two)
    ]
    assert scores[0] == scores[1]


def test_one_rank_writes(runs):
    one, two, said = runs
    assert len(said.stdout.strip().splitlines()) == 1  # one answer, not one for each rank
    assert {p.name for p in one.iterdir()} == {p.name for p in two.iterdir()}


def test_a_batch_that_cannot_be_shared_is_said(tmp_path):
    done = zoo(tmp_path, *SETTINGS, "batch_size=63", processes=2, expect=1)
    assert "batch_size 63 cannot be shared by 2 processes evenly" in done.stderr


def test_another_number_of_processes_may_not_resume(runs, tmp_path):
    one, _, _ = runs
    done = zoo(one, *SETTINGS, "steps=40", processes=2, expect=1)
    assert "processes was 1, is 2" in done.stderr
