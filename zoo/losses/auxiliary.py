"""One loss for a network with auxiliary heads. Proof: tests/losses/test_auxiliary.py.

Paper: Szegedy et al. 2014, arXiv:1409.4842, sec. 5: "their loss gets added to the total loss of the
network with a discount weight (the losses of the auxiliary classifiers were weighted by 0.3)".
"""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor


def auxiliary_loss(
    outputs: Tensor | tuple[Tensor, ...],
    labels: Tensor,
    weight: float = 0.3,
    objective: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
) -> Tensor:
    """The loss of the network, plus ``weight`` times that of each auxiliary head.

    Without auxiliary heads, or in eval mode, the output is one tensor, and its loss is the result.

    Args:
        outputs: logits (N, K), or a tuple of them: the network's, then the auxiliary heads'.
        labels: whatever ``objective`` takes beside logits.
        weight: 0.3 for GoogLeNet (sec. 5); TensorFlow's trainer of Inception v3 has 0.4.

    >>> import torch
    >>> logits, labels = torch.zeros(2, 10), torch.tensor([0, 1])
    >>> auxiliary_loss((logits, logits, logits), labels) / auxiliary_loss(logits, labels)
    tensor(1.6000)
    """
    if isinstance(outputs, Tensor):
        return objective(outputs, labels)
    loss = objective(outputs[0], labels)
    for logits in outputs[1:]:
        loss = loss + weight * objective(logits, labels)
    return loss
