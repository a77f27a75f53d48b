"""Values and gradients are the cross-entropy's."""

import pytest
import torch
import torch.nn.functional as F

from zoo.nn.cross_entropy import cross_entropy


def some(kind=torch.float64, words=7):
    draw = torch.Generator().manual_seed(0)
    logits = (3 * torch.randn(5, words, generator=draw)).to(kind).requires_grad_()
    return logits, torch.randint(0, words, (5,), generator=draw)


def test_gradients_are_right():
    logits, targets = some()
    assert torch.autograd.gradcheck(lambda x: cross_entropy(x, targets), logits)


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.bfloat16])
def test_values_and_gradients_are_the_cross_entropys(kind):
    (ours, targets), (theirs, _) = some(kind), some(kind)
    share = torch.linspace(-1, 2, 5)
    found = cross_entropy(ours, targets)
    expected = F.cross_entropy(theirs.float() if kind == torch.bfloat16 else theirs, targets,
                               reduction="none")  # fmt: skip
    (share * found).sum().backward()
    (share * expected).sum().backward()
    assert torch.allclose(found, expected, rtol=1e-6, atol=1e-6)
    rtol = 1e-2 if kind == torch.bfloat16 else 1e-6
    assert torch.allclose(ours.grad, theirs.grad, rtol=rtol, atol=1e-6)


def test_huge_logits_do_not_overflow():
    logits = torch.tensor([[1e4, -1e4]], requires_grad=True)
    found = cross_entropy(logits, torch.tensor([1]))
    found.sum().backward()
    assert found.item() == pytest.approx(2e4)
    assert logits.grad.tolist() == [[1, -1]]


def test_a_second_backward_gives_the_same():
    logits, targets = some()
    total = cross_entropy(logits, targets).sum()
    (first,) = torch.autograd.grad(total, logits, retain_graph=True)
    (again,) = torch.autograd.grad(total, logits)
    assert torch.equal(first, again)
