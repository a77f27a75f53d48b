"""Cross-entropy with a backward pass that allocates one tensor as large as the logits.

With a softmax over ten thousand words the logits are the largest tensor of a training step.
torch's cross-entropy allocates one of zeros for the gradient of the choice, copies it, and makes
another one for that of the log-softmax; here the gradient p - 1[target] is written directly.
Proof: tests/nn/test_cross_entropy.py; speed: zoo bench language_model.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """-log p of each target, not reduced: (M, V), (M,) int64 to (M,).

    >>> cross_entropy(torch.zeros(1, 4), torch.tensor([2])).exp()
    tensor([4.])
    """
    losses: Tensor = _CrossEntropy.apply(logits, targets)
    return losses


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor) -> Tensor:
        log_p = logits.float() if logits.dtype in (torch.half, torch.bfloat16) else logits
        log_p = log_p.log_softmax(1)
        ctx.save_for_backward(log_p, targets)
        ctx.kind = logits.dtype
        return -log_p.gather(1, targets[:, None])[:, 0]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        log_p, targets = ctx.saved_tensors
        d = log_p.exp()
        at = targets[:, None]
        d.scatter_(1, at, d.gather(1, at) - 1).mul_(g[:, None])
        return d.to(ctx.kind), None
