"""Checks before training: does the network have an output for each class?

Proof: tests/tasks/test_outputs.py.
"""

import torch
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.eval_mode import eval_mode


def check_outputs(logits: Tensor, classes: int, data: str) -> None:
    """Check that the last dimension of logits (..., K) is the number of classes.

    Raises:
        BadInput: if it is not; both numbers are given.
    """
    outputs = logits.shape[-1]
    if outputs != classes:
        raise BadInput(f"num_classes={outputs}, but {data} has {classes} classes")


@torch.no_grad()
def outputs_of(model: nn.Module, *inputs: Tensor) -> Tensor:
    """The outputs of a network in evaluation mode, without gradients."""
    with eval_mode(model):
        outputs: Tensor = model(*inputs)
    return outputs
