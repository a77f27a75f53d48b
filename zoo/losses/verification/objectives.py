"""Every objective by its name, as a ``Verifier`` (zoo/nn/verifier.py) is trained with it.

Proof: tests/losses/verification/test_objectives.py.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from zoo.errors import BadInput, unknown
from zoo.losses.verification.contrastive import contrastive
from zoo.losses.verification.pairs import all_pairs, drawn, drawn_pairs, one_of_many
from zoo.losses.verification.triplet import all_triplets, batch_hard, semi_hard
from zoo.nn.verifier import Verifier

SQUARED, LOGIT = "squared L2", "-logit"  # scales of a ``Verifier``


@dataclass(frozen=True)
class Objective:
    """The loss of a batch of vectors, with the margin that it has if none is asked for.

    Attributes:
        of: model, vectors, labels, margin -> scalar.
        scale: of the networks that it can train.
        margin: None for a loss without one.
        idle: of a margin: the loss of a network that makes one and the same point of all images,
            or that tells none apart.
    """

    of: Callable[[Verifier, Tensor, Tensor, float], Tensor]
    scale: str
    margin: float | None
    idle: Callable[[float], float]

    def __call__(
        self, model: Verifier, vectors: Tensor, labels: Tensor, margin: float | None = None
    ) -> Tensor:
        """The loss, in float32 whatever the precision of the network: distances are differences.

        Args:
            model: the network itself, not a wrapper of it.
            vectors: (B, D) of a P x K batch.
            labels: (B,) identities, on the CPU if no step is to wait for a GPU.
            margin: None for the objective's own.
        """
        width = self.margin if margin is None else margin
        with torch.autocast(vectors.device.type, enabled=False):
            whole = vectors.to(torch.promote_types(vectors.dtype, torch.float32))
            return self.of(model, whole, labels, 0.0 if width is None else width)


def _triplets(loss: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def of(model: Verifier, vectors: Tensor, labels: Tensor, margin: float) -> Tensor:
        return loss(model.dissimilarity(vectors, vectors), labels, margin)

    return of


def _soft(model: Verifier, vectors: Tensor, labels: Tensor, margin: float) -> Tensor:
    return batch_hard(model.dissimilarity(vectors, vectors), labels, None)


def _pairs(model: Verifier, vectors: Tensor, labels: Tensor, margin: float) -> Tensor:
    return all_pairs(-model.dissimilarity(vectors, vectors), labels)


def _one_of_many(model: Verifier, vectors: Tensor, labels: Tensor, margin: float) -> Tensor:
    return one_of_many(-model.dissimilarity(vectors, vectors), labels)


def _drawn_pairs(model: Verifier, vectors: Tensor, labels: Tensor, margin: float) -> Tensor:
    one, other, is_same = drawn(labels.cpu())
    one, other = one.to(vectors.device), other.to(vectors.device)
    return drawn_pairs(-model.pairwise(vectors[one], vectors[other]), is_same)


def _same(margin: float) -> float:
    return margin


def _log_2(margin: float) -> float:
    return math.log(2)


def _unknown(margin: float) -> float:
    return math.inf  # it depends on the size of the batch


OBJECTIVES = {
    "semi_hard": Objective(_triplets(semi_hard), SQUARED, 0.2, _same),
    "semi_hard_nearest": Objective(
        _triplets(partial(semi_hard, hardest=True)), SQUARED, 0.2, _same
    ),
    "batch_hard": Objective(_triplets(batch_hard), SQUARED, 0.2, _same),
    "batch_hard_soft": Objective(_soft, SQUARED, None, _log_2),
    "all_triplets": Objective(_triplets(all_triplets), SQUARED, 0.2, _same),
    "contrastive": Objective(_triplets(contrastive), SQUARED, 1.0, lambda m: m * m / 4),
    "one_of_many": Objective(_one_of_many, LOGIT, None, _unknown),
    "pairs": Objective(_pairs, LOGIT, None, _log_2),
    "drawn_pairs": Objective(_drawn_pairs, LOGIT, None, _log_2),
}


def named(name: str, scale: str) -> Objective:
    """The objective of that name, for a network whose dissimilarity is on ``scale``.

    Raises:
        UnknownName: if there is none; near names are given.
        BadInput: if it trains other networks.
    """
    if name not in OBJECTIVES:
        raise unknown("objective", name, OBJECTIVES)
    found = OBJECTIVES[name]
    if found.scale != scale:
        fitting = ", ".join(k for k, v in OBJECTIVES.items() if v.scale == scale)
        raise BadInput(
            f"{name} trains networks that compare by {found.scale}, this one by {scale}: {fitting}"
        )
    return found
