"""A checkpoint that does not fit is one line, and nothing has changed."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from tests.helpers import toy
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.engine.log import Log
from zoo.engine.loop_options import LoopOptions
from zoo.errors import BadFile, BadInput

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.0, momentum=0.9),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.0),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.0),
}
EMA = LoopOptions(ema=0.9)


def run(folder, *, optimizer="adamw", options=EMA, steps=6, task=None, anyway=True):
    task = task or toy.task()
    with Checkpoints(folder / "checkpoints") as checkpoints:
        fit(
            task, OPTIMIZERS[optimizer](task.model.parameters()), lambda step: 0.01, steps,
            options=options, checkpoints=checkpoints, log=Log(folder / "log.jsonl"),
            identity={"steps": steps}, anyway=anyway,
        )  # fmt: skip
    return task


def refused(folder, said, **changed):
    task = changed.pop("task", None) or toy.task()
    before = toy.weights(task.model)
    with pytest.raises((BadInput, BadFile), match=said) as caught:
        run(folder, steps=9, task=task, **changed)
    assert "\n" not in str(caught.value)
    assert toy.same(toy.weights(task.model), before)


@pytest.fixture
def folder(tmp_path):
    run(tmp_path)
    return tmp_path


def altered(folder: Path, change) -> None:
    """Change tensors and facts of the checkpoint, and its mark with them."""
    [mark] = (folder / "checkpoints").glob("step-*.json")
    with Checkpoints(folder / "checkpoints") as checkpoints:
        tensors, facts = checkpoints.latest()
        for path in (mark, mark.with_suffix(".safetensors")):
            path.unlink()
        change(tensors, facts)
        data = save(tensors, metadata={"facts": json.dumps(facts)})
        checkpoints.save(6, tensors, facts)
    assert mark.with_suffix(".safetensors").read_bytes() == data


@pytest.mark.parametrize("other", ["sgd", "rmsprop"])
def test_another_optimizer_is_refused(folder, other):
    refused(folder, f"its optimizer is AdamW, this run's {'SGD' if other == 'sgd' else 'RMSprop'}",
            optimizer=other)  # fmt: skip
    altered(folder, lambda tensors, facts: facts["optimizer"].pop("kind"))  # an older checkpoint
    refused(folder, "its optimizer is of another kind than this run's", optimizer=other)


def test_a_moving_average_that_is_not_there_is_refused_and_one_too_many_left_out(folder, tmp_path):
    run(folder, options=LoopOptions(), steps=9)
    plain = tmp_path / "plain"
    run(plain, options=LoopOptions())
    refused(plain, "it has no moving average, and ema is set")


def test_a_run_of_fewer_steps_than_were_made_is_refused(folder):
    with pytest.raises(BadInput, match="step 6 does not fit this run: it has learned for longer"):
        run(folder, steps=5)
    run(folder, steps=6)


def test_another_network_is_refused(folder):
    wide = toy.task()
    wide.model = toy.MLP(4, image_size=8, hidden_sizes=(16, 13), dropout=0.2, batch_norm=True)
    refused(folder, r"weights: .* has the shape \(12,.*expected \(13,", task=wide)
    deep = toy.task()
    deep.model = toy.MLP(4, image_size=8, hidden_sizes=(16, 12, 12), dropout=0.2, batch_norm=True)
    refused(folder, "weights: .* is missing", task=deep)


def drop(*names):
    return lambda tensors, facts: [tensors.pop(name) for name in names]


def put(name, value):
    def change(tensors, facts):
        tensors[name] = value(tensors[name])

    return change


def fact(name, value):
    def change(tensors, facts):
        facts[name] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop("model.layers.0.weight"), "weights: layers.0.weight is missing"),
        (put("model.layers.0.weight", lambda t: t[:, 1:].clone()), "has the shape"),
        (put("model.layers.0.weight", lambda t: t.double()), "is torch.float64, expected"),
        (put("ema.layers.0.weight", lambda t: t[1:].clone()), "moving average: .* has the shape"),
        (drop("ema.layers.0.weight"), "moving average: layers.0.weight is missing"),
        (drop("random.cpu"), "random.cpu is missing"),
        (put("random.cpu", lambda t: t[:, 1:].clone()), "random.cpu has the shape"),
        (put("random.cpu", lambda t: torch.cat([t, t])), r"random.cpu has the shape \(2, "),
        (drop("loss_sum"), "loss_sum is missing"),
        (drop("optimizer.0.exp_avg"), "lacks what it kept of some parameters"),
        (put("optimizer.0.exp_avg", lambda t: t[1:].clone()), "optimizer: 0.exp_avg has the shape"),
        (fact("step", "6"), "step is 6, expected a whole number"),
        (fact("epoch", -1), "epoch is -1"),
        (fact("batch", 10**30), "batch is 1000"),
        (fact("best_score", [1]), "best_score is .1., expected a number or none"),
        (fact("optimizer", {}), "it holds no state of an optimizer"),
        (fact("optimizer", {"state": {"0": 1}, "param_groups": []}), "no state of an optimizer"),
        (fact("optimizer", {"state": {}, "param_groups": [7]}), "of another kind"),
        (fact("optimizer", {"state": {"99": {}}, "param_groups": []}), "of another kind"),
        (fact("setting", None), "of another program"),
        (lambda tensors, facts: facts.clear(), "of another program"),
    ],
)  # fmt: skip
def test_contents_that_do_not_fit_are_one_line(folder, change, said):
    altered(folder, change)
    refused(folder, said)


def test_the_settings_of_the_optimizer_are_those_of_the_run_not_of_the_checkpoint(folder):
    task = toy.task()
    optimizer = torch.optim.AdamW(task.model.parameters(), lr=0.0, weight_decay=0.5)
    with Checkpoints(folder / "checkpoints") as checkpoints:
        fit(task, optimizer, lambda step: 0.01, 8, options=EMA, checkpoints=checkpoints,
            identity={"steps": 8}, anyway=True)  # fmt: skip
    assert optimizer.param_groups[0]["weight_decay"] == 0.5
    assert int(optimizer.state_dict()["state"][0]["step"]) == 8
