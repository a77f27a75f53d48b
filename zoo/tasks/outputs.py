"""Whether a network has an output for each class: what a task checks before training.

Proof: tests/tasks/test_outputs.py.
"""

import torch
from torch import Tensor, nn

from zoo.errors import BadInput


def check_outputs(logits: Tensor, classes: int, data: str) -> None:
    """Refuse logits (..., K) whose K is not the number of classes.

    Raises:
        BadInput: with both numbers.
    """
    outputs = logits.shape[-1]
    if outputs != classes:
        raise BadInput(f"num_classes={outputs}, but {data} has {classes} classes")


@torch.no_grad()
def outputs_of(model: nn.Module, *inputs: Tensor) -> Tensor:
    """What a network gives in evaluation mode; the mode it was in comes back."""
    training = model.training
    model.eval()
    try:
        outputs: Tensor = model(*inputs)
        return outputs
    finally:
        model.train(training)
