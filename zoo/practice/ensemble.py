"""Several networks that vote. Notes: course 4, week 2, "State of computer vision": ensembling.

Paper: Krizhevsky et al. 2012, sec. 6 (the mean of the predictions of several networks).
Proof: tests/practice/test_ensemble.py.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from zoo.errors import BadInput


def average(*models: nn.Module, weights: Sequence[float] | None = None) -> "Ensemble":
    """One network that gives the mean of the probabilities of several: put it where one was.

    Args:
        models: each maps the same pictures to logits (N, K) of the same K classes.
        weights: of the votes, 0 or more, any sum above 0; all alike if not given.

    Raises:
        BadInput: for no model, or weights that are not one such number for each.
    """
    shares = list(weights) if weights is not None else [1.0] * len(models)
    right = all(0 <= share < float("inf") for share in shares) and sum(shares) > 0
    if not models or len(shares) != len(models) or not right:
        got = f"{len(models)} and {shares}"
        raise BadInput(f"an average needs models and a weight of 0 or more for each, got {got}")
    return Ensemble(list(models), [share / sum(shares) for share in shares])


class Ensemble(nn.Module):
    """Pictures to log-probabilities (N, K): log of sum_i w_i softmax(logits_i), the w summing to 1.

    A softmax of it gives the mean probabilities back, so it stands wherever logits are expected.
    """

    def __init__(self, models: Sequence[nn.Module], weights: Sequence[float]) -> None:
        super().__init__()
        self.models, self.weights = nn.ModuleList(models), tuple(weights)

    def forward(self, pictures: Tensor) -> Tensor:
        votes = [model(pictures).log_softmax(1) for model in self.models]
        if len({vote.shape for vote in votes}) > 1:
            kinds = ", ".join(str(vote.shape[1]) for vote in votes)
            raise BadInput(f"the models of an ensemble must know the same classes, got {kinds}")
        log_w = torch.tensor(self.weights, device=pictures.device).log()
        return torch.logsumexp(torch.stack(votes) + log_w[:, None, None], 0)
