"""The loss of a network that says of two images whether they show the same.

Paper: Koch, Zemel & Salakhutdinov 2015, "Siamese Neural Networks for One-shot Image Recognition",
sec. 3.2, and the notes' -(y log p + (1 - y) log(1 - p)). Notes: course 4, week 4, "Face
Verification and Binary Classification".
``one_of_many`` asks which of all images of a batch shows the same: Sohn 2016, "Improved Deep Metric
Learning with Multi-class N-pair Loss Objective", eq. 7 in a batch, on the network's own comparison.
Deviations: the paper draws pairs, half of them of the same. ``drawn_pairs`` does so among the
images of a batch; ``all_pairs`` has every pair of the batch, with the same halves by weight: many
more comparisons from the same work of the convolutions. The L2 penalty is the optimizer's.
Proof: tests/losses/verification/test_pairs.py.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.errors import BadInput


def all_pairs(logits: Tensor, labels: Tensor) -> Tensor:
    """Binary cross-entropy of all pairs of a batch.

    Args:
        logits: (B, B), symmetric, that two rows are of the same identity.
        labels: (B,) the identity of each row, on any device.
    """
    return halves(F.softplus(-logits), F.softplus(logits), labels)


def one_of_many(logits: Tensor, labels: Tensor, calibrate: float = 0.2) -> Tensor:
    """Cross-entropy of "which of these is the same?": the right image against all of others.

    Each pair of the same identity is a question, whose wrong answers are all images of other
    identities in the batch. It is the question of a one-shot trial; a pair alone is mostly easy.

    Args:
        logits: (B, B), symmetric, that two rows are of the same identity.
        labels: (B,) the identity of each row, on any device.
        calibrate: weight of ``all_pairs`` beside it, without which an offset that all logits share
            would be free, and 0 would not mean "even odds".
    """
    same = (labels[:, None] == labels).to(logits.device)
    others = logits.masked_fill(same, -math.inf).logsumexp(1, keepdim=True)  # (B, 1)
    asked = same.float().fill_diagonal_(0.0)
    wrong = F.softplus(others - logits)  # -log of the part of the right one against the others
    return (wrong * asked).sum() / asked.sum() + calibrate * all_pairs(logits, labels)


def halves(of_same: Tensor, of_two: Tensor, labels: Tensor) -> Tensor:
    """The mean over pairs of the same identity and that over pairs of two, half each.

    Args:
        of_same, of_two: (B, B), what a pair costs if it is of the same, and if it is of two.
        labels: (B,), on any device.
    """
    same = labels[:, None] == labels
    two = ~same
    same.fill_diagonal_(False)
    device = of_same.device
    # counted where the labels are, on the CPU as a rule, so that no step waits for a GPU
    weights = [mask / (2 * max(int(mask.sum()), 1)) for mask in (same, two)]
    first, second = (weight.to(device, of_same.dtype) for weight in weights)
    return (first * of_same).sum() + (second * of_two).sum()


def drawn(labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """As many pairs of the same identity as of two, each image in one of both kinds.

    The rows of an identity stand together in a P x K batch, and both are in random order: 2 i is
    paired with 2 i + 1, of the same, and with 2 i + 1 of the identity that comes next.

    Args:
        labels: (B,) of a P x K batch with an even K.

    Returns:
        rows (B,), the rows they are paired with (B,), and which pairs are of the same (B,).

    Raises:
        BadInput: for an odd K, and for a batch of one identity.
    """
    first = torch.arange(0, len(labels), 2)
    images = int((labels == labels[0]).sum())
    second = (first + 1 + images) % len(labels)
    pairs = torch.cat([first, first]), torch.cat([first + 1, second])
    is_same = torch.arange(len(pairs[0])) < len(first)
    if len(labels) % 2 or images % 2 or (labels[pairs[0]] == labels[pairs[1]]).ne(is_same).any():
        raise BadInput(
            "pairs are drawn from two identities or more with 2, 4, ... images each, got "
            f"images={images}"
        )
    return *pairs, is_same


def drawn_pairs(logits: Tensor, is_same: Tensor) -> Tensor:
    """Binary cross-entropy of pairs: logits (Q,) and whether each is of the same (Q,)."""
    return F.binary_cross_entropy_with_logits(logits, is_same.to(logits))
