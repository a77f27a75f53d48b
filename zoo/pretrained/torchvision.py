"""torchvision's published weights, as zoo/pretrained/pth.py reads them, for the zoo's networks.

The zoo's parameter names are torchvision's, so a state dict loads unchanged, with four exceptions:

- GoogLeNet's auxiliary heads (``aux1``, ``aux2``) are random in the published file: torchvision
  took the weights from TensorFlow, which has none. They are never loaded; a model with auxiliary
  heads keeps its initial ones.
- Inception v3's (``AuxLogits``) were trained: loaded for ``auxiliary=True``, else dropped.
- Files older than ``num_batches_tracked`` of batch norm get zeros for it, as in
  ``nn.BatchNorm2d`` itself. It is not used if ``momentum`` is a number.

- The Faster R-CNN of 2020 has older names for the convolutions of its pyramid and its proposals.

``transform_input`` of the first two networks is replaced by the mean and std of 0.5 in their cards.
Proof: tests/pretrained/test_torchvision.py.
"""

import re

import torch
from torch import Tensor

UNTRAINED = ("aux1.", "aux2.")
OPTIONAL = ("AuxLogits.",)
COUNTER, MEAN = ".num_batches_tracked", ".running_mean"
OLDER = re.compile(r"^(.*\.fpn\.(?:inner|layer)_blocks\.\d+|rpn\.head\.conv)\.(weight|bias)$")


def convert(tensors: dict[str, Tensor], initial: dict[str, Tensor]) -> dict[str, Tensor]:
    """Torchvision's ``tensors`` converted for a network whose state is ``initial``.

    Only the tensors named in the module's docstring are added or dropped; ``load_into`` refuses any
    other difference.
    """
    has_optional = any(key.startswith(OPTIONAL) for key in initial)
    unwanted = UNTRAINED if has_optional else UNTRAINED + OPTIONAL
    named = {_name_of_today(key): tensor for key, tensor in tensors.items()}
    converted = {key: tensor for key, tensor in named.items() if not key.startswith(unwanted)}
    converted |= {key: tensor for key, tensor in initial.items() if key.startswith(UNTRAINED)}
    return converted | counters(tensors, initial)


def counters(tensors: dict[str, Tensor], initial: dict[str, Tensor]) -> dict[str, Tensor]:
    """Zeros for all of batch norm's counters, if the ``tensors`` of a file are older than them."""
    if any(key.endswith(COUNTER) for key in tensors):
        return {}
    needed = (key.removesuffix(MEAN) + COUNTER for key in tensors if key.endswith(MEAN))
    return {key: torch.zeros_like(initial[key]) for key in needed if key in initial}


def _name_of_today(key: str) -> str:
    """``fpn.inner_blocks.0.weight`` is ``fpn.inner_blocks.0.0.weight``; the RPN's is one deeper."""
    old = OLDER.match(key)
    if old is None:
        return key
    within = ".0.0." if old[1].endswith("conv") else ".0."
    return old[1] + within + old[2]
