"""channels_last=auto: measured without leaving a trace, and measured once for a run."""

import json
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from tests.helpers import toy
from zoo.engine import memory_format
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.engine.loop_options import LoopOptions
from zoo.engine.memory_format import channels_last_is_faster
from zoo.engine.timing import Times
from zoo.errors import BadInput, Interrupted
from zoo.recipes.common.override import convert

AUTO = LoopOptions(channels_last="auto", save_every=4, log_every=4)


def network():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 5, 3), nn.Dropout(0.3),
        nn.Flatten(), nn.Linear(80, 4),
    )  # fmt: skip


def task():
    """The toy's pictures, for a network with convolutions, batch norm and dropout."""
    made = toy.task()
    torch.manual_seed(3)
    made.model = network()
    return made


def verdict(monkeypatch, last, contiguous=1.0):
    """Let the two formats take so long; the sides really run. Returns what was measured."""
    seen = []

    def fake(sides, rounds, *, most):
        seen.append(list(sides))
        for prepare in sides.values():
            prepare()()
        return {"contiguous": Times([contiguous]), "channels_last": Times([last])}

    monkeypatch.setattr(memory_format, "interleaved", fake)
    return seen


def is_last(model):
    weight = model[3].weight
    return weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()


def run(made, steps=8, folder=None, options=AUTO, **more):
    torch.manual_seed(5)
    optimizer = torch.optim.SGD(made.model.parameters(), lr=0.05, momentum=0.9)
    if folder is None:
        return fit(made, optimizer, lambda step: 0.05, steps, options=options, **more)
    with Checkpoints(folder) as checkpoints:
        return fit(
            made, optimizer, lambda step: 0.05, steps, options=options, checkpoints=checkpoints
        )


def test_measuring_leaves_no_trace():
    made = task()
    made.model.train()
    made.loss(next(iter(made.batches(0)))).backward()  # there are gradients
    weights, model = toy.weights(made.model), made.model
    gradients = [p.grad.clone() for p in model.parameters()]
    random = torch.get_rng_state()
    channels_last_is_faster(made, nullcontext)
    assert made.model is model
    assert toy.same(toy.weights(model), weights)
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), gradients, strict=True))
    assert torch.equal(torch.get_rng_state(), random)
    assert not is_last(model)


@pytest.mark.parametrize(("last", "taken"), [(0.5, True), (0.96, True), (0.99, False), (2, False)])
def test_the_faster_format_is_taken(monkeypatch, last, taken):
    seen = verdict(monkeypatch, last)
    made = task()
    run(made, 2)
    assert seen == [["contiguous", "channels_last"]]
    assert is_last(made.model) == taken


@pytest.mark.parametrize("last", [0.5, 2.0])
def test_auto_ends_as_the_format_that_it_took(monkeypatch, last):
    """Bit for bit: the measuring has changed nothing that training sees."""
    verdict(monkeypatch, last)
    made, told = task(), task()
    run(made)
    run(told, options=LoopOptions(channels_last=last < 1, save_every=4, log_every=4))
    assert toy.same(toy.weights(made.model), toy.weights(told.model))


@pytest.mark.parametrize("last", [0.5, 2.0])
def test_a_resumed_run_does_not_measure_again(monkeypatch, tmp_path, last):
    verdict(monkeypatch, last)
    straight = task()
    run(straight, 8, tmp_path / "straight")

    stopped, calls = task(), []
    plain = stopped.loss

    def loss(batch):
        calls.append(1)
        if len(calls) == 7:  # two while measuring, then the fifth step
            raise Interrupted("stopped", 15)
        return plain(batch)

    stopped.loss = loss
    with pytest.raises(Interrupted):
        run(stopped, 8, tmp_path / "resumed")
    seen = verdict(monkeypatch, 1 / last)  # another day, another verdict
    resumed = task()
    run(resumed, 8, tmp_path / "resumed")
    assert seen == []
    assert is_last(resumed.model) == (last < 1)
    assert toy.same(toy.weights(resumed.model), toy.weights(straight.model))


def test_the_checkpoint_holds_the_format(monkeypatch, tmp_path):
    verdict(monkeypatch, 0.5)
    run(task(), 4, tmp_path)
    _, facts = Checkpoints(tmp_path).latest()
    assert facts["setting"]["memory_format"] == "channels_last"
    json.dumps(facts)


def test_a_run_that_was_told_its_format_records_none(tmp_path):
    run(task(), 4, tmp_path, options=LoopOptions(channels_last=True))
    _, facts = Checkpoints(tmp_path).latest()
    assert "memory_format" not in facts["setting"]


def test_a_network_without_convolutions_is_not_timed(monkeypatch):
    seen = verdict(monkeypatch, 0.5)
    run(toy.task(), 1)
    assert seen == []


def test_another_wish_is_refused():
    with pytest.raises(BadInput, match="channels_last must be true, false or auto, got 'yes'"):
        run(task(), 1, options=LoopOptions(channels_last="yes"))


def test_text_from_the_command_line():
    kind = LoopOptions.__dataclass_fields__["channels_last"].type
    assert convert("channels_last", "auto", kind) == "auto"
    assert convert("channels_last", "True", kind) is True
    assert convert("channels_last", "false", kind) is False
    for wrong in ("none", "", "fast", "1"):
        with pytest.raises(BadInput, match="channels_last must be true or false or auto, got"):
            convert("channels_last", wrong, kind)
