import pytest
import torch
import torch.nn.functional as F

from zoo.losses.auxiliary import auxiliary_loss
from zoo.losses.rbf import map_loss

LABELS = torch.tensor([0, 1, 2, 1])


def logits(seed):
    return torch.randn(4, 5, generator=torch.Generator().manual_seed(seed)).double()


def test_one_tensor_is_its_own_loss():
    assert torch.equal(auxiliary_loss(logits(0), LABELS), F.cross_entropy(logits(0), LABELS))
    assert torch.equal(auxiliary_loss((logits(0),), LABELS), F.cross_entropy(logits(0), LABELS))


@pytest.mark.parametrize("weight", [0.3, 0.4])
def test_value(weight):
    """By hand: minus the log-probability of the right class, the auxiliary ones discounted."""
    heads = [logits(seed) for seed in (0, 1, 2)]
    parts = [
        -sum((row - row.exp().sum().log())[at] for row, at in zip(x, LABELS, strict=True)) / 4
        for x in heads
    ]
    expected = parts[0] + weight * (parts[1] + parts[2])
    assert torch.allclose(auxiliary_loss(tuple(heads), LABELS, weight), expected, atol=1e-12)


def test_the_papers_weight_is_the_default():
    both = logits(0), logits(1)
    assert torch.equal(auxiliary_loss(both, LABELS), auxiliary_loss(both, LABELS, weight=0.3))


def test_gradients_of_the_heads_are_discounted_and_of_the_network_are_not():
    main, aux = logits(0).requires_grad_(), logits(0).requires_grad_()
    auxiliary_loss((main, aux), LABELS, weight=0.25).backward()
    assert torch.allclose(0.25 * main.grad, aux.grad, atol=1e-15)
    alone = logits(0).requires_grad_()
    F.cross_entropy(alone, LABELS).backward()
    assert torch.equal(main.grad, alone.grad)


def test_another_objective():
    both = logits(0), logits(1)
    expected = map_loss(both[0], LABELS) + 0.3 * map_loss(both[1], LABELS)
    assert torch.allclose(auxiliary_loss(both, LABELS, objective=map_loss), expected, atol=1e-12)
