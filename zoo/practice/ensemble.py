"""Ensembles of networks. Notes: course 4, week 2, "State of computer vision": ensembling.

Paper: Krizhevsky et al. 2012, sec. 6 (the mean of the predictions of several networks).
Proof: tests/practice/test_ensemble.py.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from zoo.errors import BadInput


def average(*models: nn.Module, weights: Sequence[float] | None = None) -> "Ensemble":
    """One network with the mean probabilities of several; it replaces a single network.

    Args:
        models: each maps the same inputs to logits (N, K) of the same K classes.
        weights: of the models, 0 or more, with a sum above 0; equal by default.

    Raises:
        BadInput: for no model, or if there is not one such weight for each.
    """
    shares = list(weights) if weights is not None else [1.0] * len(models)
    valid = all(0 <= share < float("inf") for share in shares) and sum(shares) > 0
    if not models or len(shares) != len(models) or not valid:
        got = f"{len(models)} and {shares}"
        raise BadInput(f"an average needs models and a weight of 0 or more for each, got {got}")
    return Ensemble(list(models), [share / sum(shares) for share in shares])


class Ensemble(nn.Module):
    """Inputs to log-probabilities (N, K): log of sum_i w_i softmax(logits_i); the w_i sum to 1.

    The softmax of the output is the mean probability, so it can be used wherever logits are.
    """

    def __init__(self, models: Sequence[nn.Module], weights: Sequence[float]) -> None:
        super().__init__()
        self.models, self.weights = nn.ModuleList(models), tuple(weights)

    def forward(self, inputs: Tensor) -> Tensor:
        log_p = [model(inputs).log_softmax(1) for model in self.models]
        if len({one.shape for one in log_p}) > 1:
            counts = ", ".join(str(one.shape[1]) for one in log_p)
            raise BadInput(f"the models of an ensemble must have the same classes, got {counts}")
        log_w = torch.tensor(self.weights, device=inputs.device).log()
        return torch.logsumexp(torch.stack(log_p) + log_w[:, None, None], 0)
