"""L2 regularisation as in the notes: course 2, week 1, "Regularization"."""

import torch
from torch import Tensor, nn


def l2_penalty(model: nn.Module, strength: float, examples: int) -> Tensor:
    """Strength / (2 m) times the sum of squares of the weight matrices; biases are left alone.

    Args:
        strength: lambda.
        examples: m, the size of the training set.
    """
    weights = [p for p in model.parameters() if p.dim() > 1]
    return torch.stack([w.square().sum() for w in weights]).sum() * (strength / (2 * examples))
