"""Two processes on the CPU (gloo): the same run as one process with the same global batch."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.helpers.forks import zoo_on_two_ranks
from zoo.cli.main import main

ROOT = Path(__file__).parents[2]
SETTINGS = ["steps=30", "log_every=5", "evaluate_every=10", "save_every=10", "augment=shift"]
TRAIN = ["train", "lenet5.digits", *SETTINGS]


def rows(out):
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    with redirect_stdout(io.StringIO()):
        assert main([*TRAIN, "--json", "--out", str(one)]) == 0
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "zoo", *TRAIN, "--json", "--out", str(two)]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=240, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return one, two, done.stdout


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
    assert len(said.strip().splitlines()) == 1  # one answer, not one for each rank
    assert {p.name for p in one.iterdir()} == {p.name for p in two.iterdir()}


def test_a_batch_that_cannot_be_shared_is_said(tmp_path):
    out = str(tmp_path / "run")
    for code, _, err in zoo_on_two_ranks(tmp_path, *TRAIN, "batch_size=63", "--out", out):
        assert code == 2
        assert "batch_size 63 cannot be shared by 2 processes evenly" in err


def test_another_number_of_processes_may_not_resume(runs, tmp_path):
    one, _, _ = runs
    (code, _, err), _ = zoo_on_two_ranks(tmp_path, *TRAIN, "steps=40", "--out", str(one))
    assert code == 2
    assert "processes was 1, is 2" in err
