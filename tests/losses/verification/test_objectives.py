"""Objectives by name: which networks they train, in which precision, what one point costs."""

import pytest
import torch

from zoo.errors import BadInput, UnknownName
from zoo.losses.verification.objectives import LOGIT, OBJECTIVES, SQUARED, named
from zoo.losses.verification.triplet import semi_hard
from zoo.nn.pair_head import PairHead
from zoo.nn.unit_length import squared_distances, unit_length

LABELS = torch.arange(3).repeat_interleave(4)


class Distances(torch.nn.Module):
    """Compares by squared distances."""

    dissimilarity = staticmethod(squared_distances)


class Logits(torch.nn.Module):
    """Compares by a head."""

    def __init__(self):
        super().__init__()
        self.head = PairHead(6)

    def dissimilarity(self, a, b):
        return -self.head(a, b)

    def pairwise(self, a, b):
        return -self.head.pairwise(a, b)


def model(scale):
    torch.manual_seed(0)
    return Distances() if scale == SQUARED else Logits()


def vectors():
    return unit_length(torch.randn(12, 6, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_each_gives_a_loss_that_can_be_learned_from(name):
    objective = OBJECTIVES[name]
    network, x = model(objective.scale), vectors().requires_grad_()
    loss = objective(network, x, LABELS)
    loss.backward()
    assert loss.dim() == 0
    assert x.grad.abs().sum() > 0
    assert all(p.grad.abs().sum() > 0 for p in network.parameters())


@pytest.mark.parametrize("name", OBJECTIVES)
def test_half_precision_outside_is_whole_precision_inside(name):
    objective = OBJECTIVES[name]
    network, x = model(objective.scale), vectors().bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        loss = objective(network, x, LABELS)
    torch.testing.assert_close(loss, objective(network, x.float(), LABELS), atol=0, rtol=0)
    assert loss.dtype == torch.float32


@pytest.mark.parametrize("name", ["batch_hard", "batch_hard_soft", "all_triplets", "contrastive"])
def test_idle_is_what_one_point_costs(name):
    objective = OBJECTIVES[name]
    loss = objective(model(SQUARED), torch.ones(12, 6), LABELS)
    assert float(loss) == pytest.approx(objective.idle(objective.margin or 0.0), rel=1e-4)


def test_the_margin_that_is_asked_for_is_taken():
    x = vectors()
    expected = semi_hard(squared_distances(x, x), LABELS, 0.7)
    assert OBJECTIVES["semi_hard"](model(SQUARED), x, LABELS, 0.7) == expected


def test_an_objective_of_other_networks_is_refused():
    assert named("pairs", LOGIT) is OBJECTIVES["pairs"]
    with pytest.raises(BadInput, match="by squared L2, this one by -logit: one_of_many, pairs"):
        named("semi_hard", LOGIT)
    with pytest.raises(UnknownName, match="semi_hard"):
        named("semihard", SQUARED)
