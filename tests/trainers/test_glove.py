"""The fast trainer of GloVe beside the same rules in float64, one number after another."""

import math

import numpy as np
import pytest
import torch

from zoo.data.text.cooccurrence import Cooccurrence, cooccurrence
from zoo.errors import BadInput, NotFinite
from zoo.losses.glove import glove_loss
from zoo.models.glove import GloVe
from zoo.trainers import glove as module
from zoo.trainers.glove import GloVeSettings, InBatches, train_glove


def model_of(words, dim, seed=0, scale=1.0):
    torch.manual_seed(seed)
    model = GloVe(words, dim)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    return model


def pairs_of(words, cells):
    """Counts from a list of (i, j, x)."""
    i, j, x = zip(*cells, strict=True)
    kinds = ((i, np.int32), (j, np.int32), (x, np.float64))
    return Cooccurrence(words, *(np.array(part, kind) for part, kind in kinds))


def zipf_pairs(words=60, tokens=1500, seed=0):
    draw = np.random.default_rng(seed)
    text = (draw.zipf(1.4, tokens) % words).astype(np.int32)
    return cooccurrence([(text, np.arange(0, tokens + 1, 30, dtype=np.int64))], words, window=5)


def parameters_of(model):
    """W, W~, b, b~."""
    tables = (model.table.vectors.weight, model.context.vectors.weight)
    return [*tables, model.bias, model.context_bias]


class Scalar:
    """The authors' rules, or the textbook's, in float64; nothing is shared with the trainer."""

    def __init__(self, model, eta=0.05, x_max=100.0, alpha=0.75, textbook=False):
        self.w, self.c, self.b, self.d = (
            p.detach().double().numpy().copy() for p in parameters_of(model)
        )
        self.sums = [np.ones_like(t) for t in (self.w, self.c, self.b, self.d)]
        self.eta, self.x_max, self.alpha, self.textbook = eta, x_max, alpha, textbook

    def cell(self, i, j, x):
        error = self.w[i] @ self.c[j] + self.b[i] + self.d[j] - math.log(x)
        slope = min(1.0, (x / self.x_max) ** self.alpha) * error
        dw = np.clip(slope * self.c[j], -100, 100)
        dc = np.clip(slope * self.w[i], -100, 100)
        moves = [(self.w, i, dw), (self.c, j, dc), (self.b, i, slope), (self.d, j, slope)]
        for (table, at, g), total, bias in zip(moves, self.sums, (0, 0, 1, 1), strict=True):
            if self.textbook:
                total[at] += g**2
                table[at] -= self.eta * g / np.sqrt(total[at])
            else:
                step = g if bias else self.eta * g
                table[at] -= step / np.sqrt(total[at])
                total[at] += step**2
        return slope * error / 2

    def epoch(self, pairs, order):
        cost = 0.0
        for n in order:
            i, j, x = int(pairs.rows[n]), int(pairs.columns[n]), pairs.counts[n]
            cost += self.cell(i, j, x)
            if i != j:
                cost += self.cell(j, i, x)
        return cost / pairs.cells


def assert_equal(model, scalar, tolerance):
    for ours, theirs in zip(
        parameters_of(model), (scalar.w, scalar.c, scalar.b, scalar.d), strict=True
    ):
        found = ours.detach().double().numpy()
        np.testing.assert_allclose(found, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("update", ["authors", "textbook"])
@pytest.mark.parametrize("dim", [1, 7, 100])
@pytest.mark.parametrize(
    ("x", "scale"), [(3.7, 10.0), (0.1, 1.0), (5e6, 30.0)], ids=["usual", "rare", "steep"]
)
def test_one_step_is_the_scalar_loop(update, dim, x, scale):
    model = model_of(4, dim, scale=scale)
    scalar = Scalar(model, textbook=update == "textbook")
    pairs = pairs_of(4, [(1, 3, x)])
    cost = train_glove(model, pairs, GloVeSettings(epochs=1, update=update))[0]
    assert cost == pytest.approx(scalar.epoch(pairs, [0]), rel=1e-6)
    assert_equal(model, scalar, 1e-6)


@pytest.mark.parametrize("update", ["authors", "textbook"])
def test_gradients_are_clipped_at_100(update):
    model = model_of(3, 5, scale=3e3)  # numbers up to 300
    scalar = Scalar(model, textbook=update == "textbook")
    free = scalar.w[0] * 1.0
    pairs = pairs_of(3, [(0, 2, 1000.0)])
    train_glove(model, pairs, GloVeSettings(epochs=1, update=update))
    scalar.epoch(pairs, [0])
    assert abs(scalar.w[0] - free).max() == pytest.approx(
        5.0 if update == "authors" else 0.05, rel=1e-3
    )
    assert_equal(model, scalar, 1e-5)


def test_the_cost_falls_as_in_float64():
    """Nearly the same costs in the same order; another order of single cells ends near them."""
    pairs, how = zipf_pairs(), GloVeSettings(epochs=3, x_max=10)
    model = model_of(60, 10)
    same, other = (Scalar(model, x_max=10) for _ in range(2))
    expected = [same.epoch(pairs, order_of(how, pairs, epoch)) for epoch in range(1, 4)]
    costs = train_glove(model, pairs, how)
    assert costs == pytest.approx(expected, rel=1e-4)
    assert costs[-1] < 0.75 * costs[0]

    x = pairs.dense()
    cells = np.argwhere(x)
    for epoch in range(3):
        order = np.random.default_rng(epoch).permutation(cells)
        last = sum(other.cell(i, j, x[i, j]) for i, j in order) / len(cells)
    assert costs[-1] == pytest.approx(last, rel=0.03)


def order_of(how, pairs, epoch):
    """The order of the trainer's one block: numbers of pairs."""
    (prepare,) = module.blocks(pairs, how, epoch)
    number = {cell: n for n, cell in enumerate(zip(pairs.rows, pairs.columns, strict=True))}
    return [number[cell] for cell in zip(*prepare()[:2], strict=True)]


def test_blocks_hold_every_pair_once_and_depend_on_seed_and_epoch(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 64)
    pairs = zipf_pairs()

    def order(seed, epoch):
        return np.concatenate(
            [p()[0] * 60 + p()[1] for p in module.blocks(pairs, GloVeSettings(seed=seed), epoch)]
        )

    first = order(0, 1)
    assert sorted(first) == sorted(pairs.rows * 60 + pairs.columns)
    assert (first == order(0, 1)).all()
    assert (first != order(0, 2)).any()
    assert (first != order(1, 1)).any()


def test_the_same_seed_gives_the_same_bits():
    pairs, models = zipf_pairs(), [model_of(60, 8) for _ in range(3)]
    for model, seed in zip(models, (0, 0, 1), strict=True):
        train_glove(model, pairs, GloVeSettings(epochs=2, seed=seed))
    assert torch.equal(models[0].bias, models[1].bias)
    assert not torch.equal(models[0].bias, models[2].bias)


def test_threads_lose_next_to_nothing(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 128)
    pairs = zipf_pairs()
    one, three = (
        train_glove(model_of(60, 8), pairs, GloVeSettings(epochs=4, threads=n)) for n in (1, 3)
    )
    assert three == pytest.approx(one, rel=0.05)


def test_textbook_is_torchs_adagrad():
    pairs, model = zipf_pairs(words=12, tokens=120), model_of(12, 6)
    how = GloVeSettings(epochs=1, update="textbook", x_max=10)
    twin = model_of(12, 6).double()
    optimizer = torch.optim.Adagrad(twin.parameters(), lr=0.05, initial_accumulator_value=1, eps=0)
    for n in order_of(how, pairs, 1):
        i, j, x = int(pairs.rows[n]), int(pairs.columns[n]), float(pairs.counts[n])
        for a, b in {(i, j), (j, i)} if i == j else [(i, j), (j, i)]:
            optimizer.zero_grad()
            scores = twin(torch.tensor([a]), torch.tensor([b]))
            glove_loss(scores, torch.tensor([x]).double(), x_max=10).backward()
            optimizer.step()
    train_glove(model, pairs, how)
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours.double(), theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("update", ["authors", "textbook"])
def test_a_batch_of_one_is_the_compiled_step(update):
    pairs = pairs_of(3, [(0, 2, 7.0)])
    ours, theirs = model_of(3, 5, scale=10), model_of(3, 5, scale=10)
    how = GloVeSettings(epochs=1, update=update)
    cost = train_glove(ours, pairs, how)[0]
    twin = InBatches(theirs, how, pairs, batch=1)
    assert twin.epoch(1) / 2 == pytest.approx(cost, rel=1e-5)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_batches_learn_as_single_cells_do():
    pairs, how = zipf_pairs(), GloVeSettings(epochs=3, x_max=10)
    single = train_glove(model_of(60, 10), pairs, how)
    model = model_of(60, 10)
    batches = InBatches(model, how, pairs)
    costs = [batches.epoch(epoch) / pairs.cells for epoch in range(1, 4)]
    assert costs[1:] == pytest.approx(single[1:], rel=0.05)  # the first depends on the order


@pytest.mark.parametrize("update", ["authors", "textbook"])
def test_no_cost_is_nan_whatever_the_rate(update):
    pairs = pairs_of(9, [(i, j, 10.0 ** (3 * i - 3)) for i in range(9) for j in range(i, 9)])
    costs = train_glove(
        model_of(9, 6), pairs, GloVeSettings(epochs=20, eta=50, x_max=1e-3, update=update)
    )
    assert all(map(math.isfinite, costs))


def test_what_cannot_be_learned_from():
    empty = cooccurrence([], 3)
    with pytest.raises(BadInput, match="no two words of the vocabulary stand near each other"):
        train_glove(model_of(3, 2), empty, GloVeSettings())
    with pytest.raises(BadInput, match="the model has 4 words, the counts are of 3"):
        train_glove(model_of(4, 2), pairs_of(3, [(0, 1, 1.0)]), GloVeSettings())
    model = model_of(3, 2)
    with torch.no_grad():
        model.context_bias[1] = math.nan
    with pytest.raises(NotFinite, match="hold NaN"):
        train_glove(model, pairs_of(3, [(0, 1, 1.0)]), GloVeSettings())
    with pytest.raises(BadInput, match="epochs must be at least 1, got 0"):
        GloVeSettings(epochs=0)
    with pytest.raises(BadInput, match="threads must be at least 1, got 0"):
        GloVeSettings(threads=0)
    with pytest.raises(BadInput, match="must be above 0"):
        GloVeSettings(x_max=0)
