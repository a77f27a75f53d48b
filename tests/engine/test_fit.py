"""The loop: it learns, equals ten bare lines bit for bit, and stops where it must."""

import json
import math

import pytest
import torch
import torch.nn.functional as F

from tests.helpers import toy
from zoo.data.image.augment import shift
from zoo.engine.fit import fit
from zoo.engine.log import Log
from zoo.engine.loop_options import LoopOptions
from zoo.engine.seed import seed_everything
from zoo.engine.task import Task
from zoo.errors import BadInput, NotFinite, UnknownName
from zoo.models.mlp import MLP
from zoo.nn.init import initialise


def adam(task, lr=0.01):
    return torch.optim.Adam(task.model.parameters(), lr=lr)


def test_the_score_falls():
    task = toy.task()
    before = task.evaluate()["error"]
    outcome = fit(task, adam(task), lambda step: 0.01, 60)
    assert outcome.steps == 60
    assert outcome.scores["error"] == task.evaluate()["error"] < before / 2


def test_equals_a_bare_loop_bit_for_bit():
    ours, bare = toy.task(), toy.task()
    torch.manual_seed(3)
    fit(ours, adam(ours), lambda step: 0.01, 12)
    torch.manual_seed(3)
    optimizer = adam(bare)
    for step in range(12):
        pictures, labels = list(bare.batches(step // 6))[step % 6]
        optimizer.zero_grad()
        F.cross_entropy(bare.model(pictures), labels).backward()
        optimizer.step()
    assert toy.same(toy.weights(ours.model), toy.weights(bare.model))


def test_the_rate_of_each_step_is_used():
    task = toy.task()
    before = toy.weights(task.model)
    optimizer = torch.optim.SGD(task.model.parameters(), lr=123.0)
    fit(task, optimizer, lambda step: 0.0, 3)
    after = toy.weights(task.model)
    assert all(torch.equal(before[k], after[k]) for k in before if "weight" in k)


def test_accumulated_parts_equal_one_large_batch():
    """Without dropout and batch norm, four batches of 4 are one of 16."""

    def run(batch_size, accumulate):
        task = toy.task(batch_size=batch_size)
        task.model = MLP(4, image_size=8, hidden_sizes=(16,))
        seed_everything(5)
        initialise(task.model, "he")
        optimizer = torch.optim.SGD(task.model.parameters(), lr=0.1)
        fit(task, optimizer, lambda step: 0.1, 6, options=LoopOptions(accumulate=accumulate))
        return toy.weights(task.model)

    large, parts = run(16, 1), run(4, 4)
    assert all(torch.allclose(large[k], parts[k], atol=1e-6) for k in large)


def test_clip_bounds_the_update():
    task = toy.task()
    before = toy.weights(task.model)
    optimizer = torch.optim.SGD(task.model.parameters(), lr=1.0)
    fit(task, optimizer, lambda step: 1.0, 1, options=LoopOptions(clip=0.01))
    named = dict(task.model.named_parameters())
    moved = torch.sqrt(sum((named[k] - before[k]).square().sum() for k in named))
    assert moved.item() == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("clip", [None, 0.005])
def test_clip_value_bounds_every_number_of_the_update(clip):
    task = toy.task()
    before = toy.weights(task.model)
    optimizer = torch.optim.SGD(task.model.parameters(), lr=1.0)
    options = LoopOptions(clip_value=0.001, clip=clip)
    fit(task, optimizer, lambda step: 1.0, 1, options=options)
    moved = torch.cat([(p - before[k]).flatten() for k, p in task.model.named_parameters()])
    if clip is None:
        assert moved.abs().max().item() == pytest.approx(0.001, rel=1e-3)
        assert (moved.abs() < 0.0009).any()
    else:  # the norm comes after, and both bounds hold
        assert moved.norm().item() == pytest.approx(clip, rel=1e-3)
        assert moved.abs().max().item() < 0.001


class Poisoned(Task):
    """A toy task whose batch ``at`` has a NaN in it."""

    def __init__(self, at):
        self.inner, self.at = toy.task(), at
        self.model, self.data = self.inner.model, self.inner.data

    def batches(self, epoch, start=0):
        for number, (pictures, labels) in enumerate(self.inner.batches(epoch, start), start):
            if 6 * epoch + number == self.at:
                pictures = pictures * math.nan
            yield pictures, labels

    def loss(self, batch):
        return self.inner.loss(batch)

    def evaluate(self, split="dev"):
        return self.inner.evaluate(split)


def test_a_nan_loss_stops_before_the_update_and_names_the_step():
    task, clean = Poisoned(at=8), toy.task()
    torch.manual_seed(0)
    with pytest.raises(NotFinite, match="step 8"):
        fit(task, adam(task), lambda step: 0.01, 20)
    torch.manual_seed(0)
    fit(clean, adam(clean), lambda step: 0.01, 8)
    named, clean_named = dict(task.model.named_parameters()), dict(clean.model.named_parameters())
    assert all(torch.equal(named[k], clean_named[k]) for k in named)


@pytest.mark.parametrize("slope", [math.inf, math.nan])
@pytest.mark.parametrize("options", [LoopOptions(clip=1.0), LoopOptions(clip_value=1.0)])
def test_an_infinite_gradient_stops_when_clipped(options, slope):
    task = toy.task()
    plain_loss = task.loss
    task.loss = lambda batch: plain_loss(batch) * 1 + _explode(task.model, slope)
    with pytest.raises(NotFinite, match="step 0"):
        fit(task, adam(task), lambda step: 0.01, 3, options=options)


def _explode(model, slope):
    weight = next(model.parameters()).flatten()[0]
    zero = weight - weight.detach() if slope == math.inf else weight * 0
    return torch.sqrt(zero)  # 0, with an infinite slope or, for infinity times 0, none


def test_early_stopping_keeps_the_best_weights():
    task = toy.task()
    scores = iter([5.0, 3.0, 4.0, 3.5, 3.25])  # the last one: the weights that are kept, again
    seen = []

    def evaluate(split="dev"):
        seen.append(toy.weights(task.model))
        return {"error": next(scores)}

    task.evaluate = evaluate
    options = LoopOptions(evaluate_every=5, patience=2)
    outcome = fit(task, adam(task), lambda step: 0.01, 100, options=options)
    assert outcome.steps == 20
    assert toy.same(toy.weights(task.model), seen[1])
    assert toy.same(seen[4], seen[1])
    assert outcome.scores == {"error": 3.25}


@pytest.mark.parametrize(("better", "best"), [("lower", 1), ("higher", 2)])
def test_the_best_score_is_the_lowest_or_the_highest_as_the_options_say(better, best, monkeypatch):
    task, scores, seen = toy.task(), iter([0.5, 0.25, 0.75, 0.3, 0.6, 0.75]), []

    def evaluate(split="dev"):
        seen.append(toy.weights(task.model))
        return {"f1": next(scores), "error": 0.0}

    task.evaluate = evaluate
    monkeypatch.setattr(type(task), "scores", {"f1": better})
    options = LoopOptions(evaluate_every=5, patience=9, watch="f1", better=better)
    fit(task, adam(task), lambda step: 0.01, 25, options=options)
    assert toy.same(toy.weights(task.model), seen[best])
    assert not toy.same(toy.weights(task.model), seen[3 - best])


def test_watching_a_score_that_is_not_there_is_said():
    task = toy.task()
    options = LoopOptions(patience=1, evaluate_every=1, watch="bleu")
    with pytest.raises(UnknownName, match="no score to watch 'bleu'; there is balanced_error"):
        fit(task, adam(task), lambda step: 0.01, 2, options=options)


def test_the_average_is_what_is_scored_and_kept():
    task, plain = toy.task(), toy.task()
    torch.manual_seed(0)
    outcome = fit(task, adam(task), lambda step: 0.01, 30, options=LoopOptions(ema=0.9))
    torch.manual_seed(0)
    fit(plain, adam(plain), lambda step: 0.01, 30)
    assert not toy.same(toy.weights(task.model), toy.weights(plain.model))
    assert outcome.scores["error"] == task.evaluate()["error"]


def test_channels_last_changes_the_layout_only():
    pictures = torch.randn(4, 1, 32, 32)
    task = toy.task()
    conv = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.Flatten(), torch.nn.LazyLinear(4))
    conv(pictures[:, :, :8, :8])
    task.model = conv
    fit(task, adam(task), lambda step: 0.0, 1, options=LoopOptions(channels_last=True))
    assert conv[0].weight.is_contiguous(memory_format=torch.channels_last)


def test_bfloat16_is_refused_where_it_would_be_slow(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    task = toy.task()
    with pytest.raises(BadInput, match="float32"):
        fit(task, adam(task), lambda step: 0.01, 1, options=LoopOptions(precision="bfloat16"))


def test_bfloat16_runs_where_the_cpu_has_it(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    task, seen = toy.task(), []
    plain_loss = task.loss
    task.loss = lambda batch: seen.append(task.model(batch[0]).dtype) or plain_loss(batch)
    fit(task, adam(task), lambda step: 0.01, 2, options=LoopOptions(precision="bfloat16"))
    assert seen == [torch.bfloat16, torch.bfloat16]
    assert next(task.model.parameters()).dtype == torch.float32


def test_an_unknown_precision_is_said():
    task = toy.task()
    with pytest.raises(BadInput, match="float32 or bfloat16"):
        fit(task, adam(task), lambda step: 0.01, 1, options=LoopOptions(precision="half"))


def test_a_task_without_batches_is_an_error_not_an_endless_loop():
    task = toy.task()
    task.batches = lambda epoch, start=0: iter(())
    with pytest.raises(BadInput, match="no batches"):
        fit(task, adam(task), lambda step: 0.01, 1)


def test_dropout_is_off_when_scoring_and_on_again_after():
    task, modes = toy.task(), []
    plain = task.evaluate
    task.evaluate = lambda split="dev": modes.append(task.model.training) or plain(split)
    fit(task, adam(task), lambda step: 0.01, 4, options=LoopOptions(evaluate_every=2))
    assert modes == [False, False]
    assert task.model.training


def test_the_log_holds_means_since_the_last_row(tmp_path):
    task, losses = toy.task(augment=shift(1)), []
    plain = task.loss

    def loss(batch):
        value = plain(batch)
        losses.append(value.item())
        return value

    task.loss = loss
    log = Log(tmp_path / "log.jsonl")
    fit(task, adam(task), lambda step: 0.5**step, 7, options=LoopOptions(log_every=3), log=log)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [3, 6, 7]
    assert rows[0]["loss"] == pytest.approx(sum(losses[:3]) / 3, rel=1e-5)
    assert rows[2]["loss"] == pytest.approx(losses[6], rel=1e-5)
    assert rows[1]["lr"] == 0.5**5
    assert "dev_error" in rows[2]
    assert "dev_error" not in rows[1]


def compiled_equals_eager():
    task, eager = toy.task(), toy.task()
    for one in (task, eager):  # dropout draws other numbers in compiled code
        one.model = MLP(4, image_size=8, hidden_sizes=(8,))
        seed_everything(1)
        initialise(one.model, "he")
    fit(eager, adam(eager), lambda step: 0.01, 4)
    fit(task, adam(task), lambda step: 0.01, 4, options=LoopOptions(compile=True))
    ours, theirs = toy.weights(task.model), toy.weights(eager.model)
    assert ours.keys() == theirs.keys()
    assert all(torch.allclose(ours[k], theirs[k], atol=1e-5) for k in ours)


def test_compile_trains_the_same_network(monkeypatch):
    calls, plain = [], torch.compile
    traced = lambda model: calls.append(1) or plain(model, backend="aot_eager")  # noqa: E731
    monkeypatch.setattr(torch, "compile", traced)
    compiled_equals_eager()
    assert calls == [1]


@pytest.mark.long
def test_compile_with_generated_code_trains_the_same_network():
    compiled_equals_eager()
