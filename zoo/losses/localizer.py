"""The loss of a network that says whether there is an object, where, and of which class.

Notes: course 4, week 3, "Object localization". With y = (p, where, c1 ... cK) and one example:

    p = 1:  L = -log p^ + w sum_j (where^_j - where_j)^2 - log softmax(c^)_c
    p = 0:  L = -log (1 - p^)       the other components of y count nothing

The notes first write squared errors for all of y, and then what "in practice you could use":
logistic regression loss for p, squared error for the box, log-likelihood with softmax for the
classes. That second form is this one. w is 1 in the notes. Of landmarks ``where`` are the points,
and there are no classes. Proof: tests/losses/test_localizer.py.
"""

import torch.nn.functional as F
from torch import Tensor


def localizer_loss(
    outputs: Tensor, present: Tensor, where: Tensor, labels: Tensor, weight: float = 1.0
) -> Tensor:
    """The mean of L over the examples, a scalar.

    Args:
        outputs: (N, 1 + D + K), y before sigmoid (p and where) and softmax (classes); K may be 0.
        present: (N,) bool, whether there is an object.
        where: (N, D) in [0, 1], bx, by, bh, bw or points; where there is none anything finite.
        labels: (N,) int64, the class; where there is no object anything.
        weight: w, of the squared error.
    """
    p, found = outputs[:, 0], outputs[:, 1 : 1 + where.shape[1]].sigmoid()
    there = present.to(outputs.dtype)
    loss = F.binary_cross_entropy_with_logits(p, there, reduction="none")
    loss = loss + weight * there * (found - where).square().sum(1)
    classes = outputs[:, 1 + where.shape[1] :]
    if classes.shape[1]:
        loss = loss + there * F.cross_entropy(classes, labels * present, reduction="none")
    return loss.mean()
