"""Each loss beside a loop over all triplets; gradients; what a batch without triplets gives."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F

from tests.losses.verification import loops
from zoo.losses.verification import triplet
from zoo.nn.unit_length import squared_distances, unit_length

MARGIN = 0.2
LOSSES = {
    "semi_hard": (triplet.semi_hard, loops.semi_hard_loss, MARGIN),
    "nearest": (partial(triplet.semi_hard, hardest=True), loops.nearest_semi_hard_loss, MARGIN),
    "all_triplets": (triplet.all_triplets, loops.all_triplets_loss, MARGIN),
    "batch_hard": (triplet.batch_hard, loops.batch_hard_loss, MARGIN),
    "soft": (triplet.batch_hard, loops.batch_hard_loss, None),
}
LABELS = {
    "4 x 3": torch.arange(4).repeat_interleave(3),
    "uneven": torch.tensor([3, 0, 0, 1, 3, 3, 2, 0, 3, 1]),  # 2 is alone, rows in any order
}
EVERY = pytest.mark.parametrize("name", LOSSES)


def vectors(labels, seed):
    """Near their identity's, so that triplets of all kinds are there."""
    draw = torch.Generator().manual_seed(seed)
    centres = torch.randn(4, 5, generator=draw, dtype=torch.float64)
    noise = torch.randn(len(labels), 5, generator=draw, dtype=torch.float64)
    return centres[labels] + noise


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
@EVERY
def test_it_equals_a_loop_over_all_triplets(name, labels, seed):
    loss, loop, margin = LOSSES[name]
    x = vectors(labels, seed).requires_grad_()
    found = {}
    for key, function in (("ours", loss), ("loop", loop)):
        value = function(squared_distances(*[unit_length(x)] * 2), labels, margin)
        found[key] = (value, torch.autograd.grad(value, x)[0])
    assert found["loop"][0] > 0
    for ours, theirs in zip(found["ours"], found["loop"], strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=1e-10)


def test_the_selection_is_the_definition(monkeypatch):
    """What is learned from is what the loop finds: the weights of each distance are its counts."""
    labels = LABELS["uneven"]
    d = squared_distances(*[unit_length(vectors(labels, 7))] * 2)
    chosen = loops.semi_hard(d, labels, MARGIN)
    expected = torch.zeros_like(d)
    for a, p, n in chosen:
        expected[a, p] += 1
        expected[a, n] -= 1
    assert 0 < len(chosen) < len(loops.triplets(labels))
    d.requires_grad_()
    gradient = torch.autograd.grad(triplet.semi_hard(d, labels, MARGIN), d)[0]
    torch.testing.assert_close(gradient * len(chosen), expected)
    monkeypatch.setattr(triplet, "AT_ONCE", 25)  # two anchor-positive pairs at a time
    pieces = torch.autograd.grad(triplet.semi_hard(d, labels, MARGIN), d)[0]
    torch.testing.assert_close(pieces, gradient)


def test_the_bounds_are_strict():
    """d(a, n) = d(a, p) and d(a, n) = d(a, p) + margin are not semi-hard."""
    d = torch.tensor([[0.0, 0.5, 0.5, 0.75], [0.5, 0, 2, 2], [0.5, 2, 0, 2], [0.75, 2, 2, 0]])
    labels = torch.tensor([0, 0, 1, 2])
    assert triplet.semi_hard(d, labels, 0.25) == 0
    assert triplet.semi_hard(d, labels, 0.26) == pytest.approx(0.01, abs=1e-6)


@EVERY
def test_gradients_are_finite_where_vectors_coincide(name):
    loss, _, margin = LOSSES[name]
    labels = LABELS["4 x 3"]
    for x in (torch.ones(12, 5), torch.zeros(12, 5), torch.ones(12, 5) * labels[:, None]):
        x.requires_grad_()
        value = loss(squared_distances(*[unit_length(x)] * 2), labels, margin)
        value.backward()
        assert value.isfinite()
        assert x.grad.isfinite().all()


@pytest.mark.parametrize("labels", [torch.zeros(4).long(), torch.arange(4)], ids=["one", "alone"])
@EVERY
def test_a_batch_without_a_triplet_costs_nothing(name, labels):
    loss, _, margin = LOSSES[name]
    x = vectors(labels, 0).requires_grad_()
    value = loss(squared_distances(x, x), labels, margin)
    value.backward()
    assert value == 0
    assert not x.grad.any()


def test_at_one_point_the_loss_is_the_margin():
    """The sign of a collapse; of semi-hard triplets none is left."""
    d, labels = torch.zeros(12, 12), LABELS["4 x 3"]
    assert triplet.batch_hard(d, labels, MARGIN) == pytest.approx(MARGIN)
    assert triplet.all_triplets(d, labels, MARGIN) == pytest.approx(MARGIN)
    assert triplet.batch_hard(d, labels, None) == pytest.approx(0.693147)
    assert triplet.semi_hard(d, labels, MARGIN) == 0


def test_torch_has_it_without_the_square():
    """What ``nn.TripletMarginLoss`` computes is another loss; of its roots squared it is ours."""
    x = unit_length(vectors(LABELS["4 x 3"], 1))
    d = squared_distances(x, x)
    torch.testing.assert_close(d, 2 - 2 * x @ x.T)  # on the unit sphere
    chosen = loops.triplets(LABELS["4 x 3"])
    a, p, n = (x[list(rows)] for rows in zip(*chosen, strict=True))
    theirs = F.triplet_margin_with_distance_loss(
        a, p, n, margin=MARGIN, distance_function=lambda u, v: (u - v).square().sum(1)
    )
    torch.testing.assert_close(loops.mean_of(d, chosen, MARGIN), theirs)
    plain = F.triplet_margin_loss(a, p, n, margin=MARGIN)
    assert abs(plain - theirs) > 0.01


def test_pytorch_metric_learning_gives_the_same():
    library = pytest.importorskip("pytorch_metric_learning")
    from pytorch_metric_learning import distances, losses, miners, reducers

    assert library.__version__
    labels = torch.arange(6).repeat_interleave(4)
    x = torch.randn(24, 8, generator=torch.Generator().manual_seed(5))
    squared = distances.LpDistance(normalize_embeddings=True, p=2, power=2)
    miner = miners.TripletMarginMiner(MARGIN, "semihard", distance=squared)
    theirs = losses.TripletMarginLoss(MARGIN, distance=squared, reducer=reducers.MeanReducer())
    d = squared_distances(*[unit_length(x)] * 2)
    torch.testing.assert_close(
        triplet.semi_hard(d, labels, MARGIN), theirs(x, labels, miner(x, labels)), atol=1e-5, rtol=0
    )
    whole = losses.TripletMarginLoss(MARGIN, distance=squared, reducer=reducers.AvgNonZeroReducer())
    torch.testing.assert_close(
        triplet.all_triplets(d, labels, MARGIN), whole(x, labels), atol=1e-5, rtol=0
    )
