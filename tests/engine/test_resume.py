"""Killed at any moment and resumed, a run ends with the same bits as one that was left alone.

The short form, on quick children; ``make faults`` does the same to the real command line.
"""

import os
import random
import signal
import time
from pathlib import Path

import pytest
import torch

from tests.helpers import toy
from tests.helpers.forks import started
from zoo import files
from zoo.data.image.augment import shift
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.engine.log import Log
from zoo.engine.loop_options import LoopOptions
from zoo.errors import BadInput, Interrupted

STEPS = 60
OPTIONS = LoopOptions(ema=0.95, clip=1.0, log_every=7, evaluate_every=13, save_every=4, patience=50)


def run(folder, *, slow=0.0, steps=STEPS, options=OPTIONS, identity=None, anyway=False):
    """A run with everything on: shuffling, dropout, augmentation, batch norm, EMA, AdamW."""
    task = toy.task(augment=shift(1))
    torch.manual_seed(11)
    if slow:
        plain = task.loss
        task.loss = lambda batch: time.sleep(slow) or plain(batch)
    optimizer = torch.optim.AdamW(task.model.parameters(), lr=0.01)
    with Checkpoints(folder / "checkpoints") as checkpoints:
        fit(
            task,
            optimizer,
            lambda step: 0.01 / (1 + step / 20),
            steps,
            options=options,
            checkpoints=checkpoints,
            log=Log(folder / "log.jsonl"),
            identity=identity,
            anyway=anyway,
        )
    return toy.weights(task.model)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """Weights, log and last checkpoint of the run that nobody disturbs."""
    folder = tmp_path_factory.mktemp("straight")
    return run(folder), folder


def assert_same_run(folder: Path, straight) -> None:
    weights, reference = straight
    assert toy.same(run(folder), weights)  # finished already: only reads the last checkpoint
    assert (folder / "log.jsonl").read_bytes() == (reference / "log.jsonl").read_bytes()
    name = f"checkpoints/step-{STEPS:09d}.safetensors"
    assert files.sha256(folder / name) == files.sha256(reference / name)


def slow_run(folder):
    (folder / "began").touch()
    run(folder, slow=0.006)


def test_killed_at_random_moments(tmp_path, straight):
    draw = random.Random(0)
    kills = 0
    while kills < 12:
        (tmp_path / "began").unlink(missing_ok=True)
        process = started(slow_run, tmp_path)
        while process.is_alive() and not (tmp_path / "began").exists():
            time.sleep(0.002)
        time.sleep(draw.uniform(0.0, 0.2))
        process.kill()
        process.join()
        Checkpoints(tmp_path / "checkpoints").latest()  # never one that does not load
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        kills += 1
    assert kills >= 3
    assert_same_run(tmp_path, straight)


def kill_at_call(number):
    """Make the process kill itself at its n-th write, fsync or rename of a file."""
    left = [number]

    def guarded(plain):
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return plain(*args, **kwargs)

        return call

    os.fsync = guarded(os.fsync)
    Path.replace = guarded(Path.replace)
    Path.unlink = guarded(Path.unlink)


def run_until_call(folder, number):
    kill_at_call(number)
    run(folder)


@pytest.mark.parametrize("number", range(1, 16))
def test_killed_inside_a_checkpoint_write(tmp_path, straight, number):
    """At each system call of the writer in turn: fsync, rename, fsync of the folder, mark, ..."""
    process = started(run_until_call, tmp_path, number)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    Checkpoints(tmp_path / "checkpoints").latest()
    assert_same_run(tmp_path, straight)


def run_until_asked(folder):
    try:
        run(folder, slow=0.01)
    except Interrupted as error:
        (folder / "said").write_text(str(error))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_checkpoint_and_says_how_to_go_on(tmp_path, straight, number):
    process = started(run_until_asked, tmp_path)
    while process.is_alive() and not (tmp_path / "log.jsonl").exists():
        time.sleep(0.01)
    os.kill(process.pid, number)
    time.sleep(0.002)
    os.kill(process.pid, number)  # an impatient second one changes nothing
    process.join()
    assert process.exitcode == 0
    said = (tmp_path / "said").read_text()
    _, facts = Checkpoints(tmp_path / "checkpoints").latest()
    assert f"at step {facts['step']} of {STEPS}" in said
    assert "goes on from there" in said
    assert facts["step"] < STEPS
    assert_same_run(tmp_path, straight)


def test_without_a_folder_ctrl_c_is_ctrl_c():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs inherit "ignore"
    task = toy.task()
    task.loss = lambda batch: os.kill(os.getpid(), signal.SIGINT) or time.sleep(1)
    with pytest.raises(KeyboardInterrupt):
        fit(task, torch.optim.SGD(task.model.parameters(), lr=0.1), lambda step: 0.1, 5)


def test_another_run_is_refused_with_what_differs(tmp_path):
    run(tmp_path, steps=4, identity={"lr": 0.1, "data": "a"})
    with pytest.raises(BadInput, match=r"lr was 0\.1, is 0\.2"):
        run(tmp_path, steps=8, identity={"lr": 0.2, "data": "a"})
    run(tmp_path, steps=8, identity={"lr": 0.2, "data": "a"}, anyway=True)


def test_another_number_of_threads_is_refused(tmp_path):
    run(tmp_path, steps=4)
    torch.set_num_threads(2)
    try:
        with pytest.raises(BadInput, match="threads was 1, is 2"):
            run(tmp_path, steps=8)
    finally:
        torch.set_num_threads(1)


def test_early_stopping_goes_on_counting_after_a_resume(tmp_path):
    options = LoopOptions(evaluate_every=2, patience=3, save_every=1)

    def scored(folder, stop_at=None):
        task = toy.task()
        torch.manual_seed(1)
        scores = dict(enumerate([9, 5, 6, 7, 8, 1], 1))
        optimizer = torch.optim.SGD(task.model.parameters(), lr=0.01)
        done = task.model.layers[1].num_batches_tracked
        task.evaluate = lambda split="dev": {"error": scores[int(done) // 2]}
        plain = task.loss
        task.loss = lambda batch: 1 / 0 if int(done) == stop_at else plain(batch)
        with Checkpoints(folder) as checkpoints:
            end = fit(
                task, optimizer, lambda step: 0.01, 12, options=options, checkpoints=checkpoints
            )
        return end.steps, toy.weights(task.model)

    steps, weights = scored(tmp_path / "a")
    assert steps == 10
    with pytest.raises(ZeroDivisionError):
        scored(tmp_path / "b", stop_at=7)
    again, resumed = scored(tmp_path / "b")
    assert again == 10
    assert toy.same(weights, resumed)


def test_training_time_is_that_of_all_processes(tmp_path):
    run(tmp_path, slow=0.01, steps=40)
    with Checkpoints(tmp_path / "checkpoints") as checkpoints:
        _, facts = checkpoints.latest()
        task = toy.task()
        optimizer = torch.optim.AdamW(task.model.parameters(), lr=0.01)
        again = fit(
            task, optimizer, lambda step: 0.01, 40, options=OPTIONS, checkpoints=checkpoints
        )  # finished already
    assert facts["seconds"] > 0.4
    assert again.seconds >= facts["seconds"]
