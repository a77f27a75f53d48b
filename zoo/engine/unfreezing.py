"""Gradual unfreezing and layer-wise learning rates: which blocks learn at which step, how fast.

The blocks are modules from the input to the output, the head last. Both methods: Howard & Ruder
2018 (ULMFiT), arXiv:1801.06146, sec. 3.2 and 3.3; notes: course 3, week 2, "Transfer learning".
What learns is a function of the step alone, so that a resumed run is bit-identical.

A frozen block is a fixed function. Its parameters have no gradients, so that neither the optimizer
nor weight decay changes them; its modules are in eval mode, so that its batch-norm statistics are
fixed and its dropout is off: its output is the one of inference.

Deviations: ULMFiT unfreezes a block each epoch and divides the rate by 2.6 from block to block;
here both are settings, in parts of the run.
Proof: tests/engine/test_unfreezing.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from zoo.errors import BadInput


@dataclass(frozen=True)
class Tuning:
    """How to fine-tune. By default all blocks are trained alike, as from fresh weights.

    The head is trained from the first step on. ``head_only`` is the part of the run in which only
    the head is; then the block before it is unfrozen, and so on at equal intervals, the last one at
    ``unfreeze_by``. If that is no later than ``head_only`` all blocks are unfrozen at once.
    """

    freeze: int = 0  # so many blocks, from the input on, stay frozen
    probe: bool = False  # linear probe: only the head is trained
    layer_decay: float = 1.0  # learning rate of a block as a part of that of the next block
    head_only: float = 0.0
    unfreeze_by: float = 0.0

    def learning(self, step: int, steps: int, blocks: int) -> int:
        """How many of ``blocks``, counted from the head, learn in update ``step`` of ``steps``.

        >>> plan = Tuning(freeze=1, head_only=0.2, unfreeze_by=0.6)
        >>> [plan.learning(step, 10, blocks=5) for step in range(10)]
        [1, 1, 2, 2, 3, 3, 4, 4, 4, 4]
        """
        others = 0 if self.probe else blocks - self.freeze - 1
        if step < self.head_only * steps:
            return 1
        if step >= self.unfreeze_by * steps:
            return 1 + others
        done = (step / steps - self.head_only) / (self.unfreeze_by - self.head_only)
        return 1 + min(others, 1 + int(done * (others - 1) + 1e-9))

    def check(self, blocks: int) -> None:
        """Refuse settings out of range for so many blocks.

        Raises:
            BadInput: for a number out of range.
        """
        if not 0 <= self.freeze < blocks:
            raise BadInput(
                f"freeze={self.freeze}: the network has {blocks} blocks, of which the last, the "
                f"head, must learn; freeze from 0 to {blocks - 1}"
            )
        if not 0 < self.layer_decay <= 1:
            raise BadInput(f"layer_decay must be above 0 and at most 1, got {self.layer_decay}")
        for name in ("head_only", "unfreeze_by"):
            part = vars(self)[name]
            if not 0 <= part <= 1:
                raise BadInput(f"{name} is a part of the run, 0 to 1, got {part}")


class Unfreezing:
    """A ``Tuning`` of given blocks: parameter groups, and which of them learn at each step.

    Args:
        blocks: from input to output, the head last; those without parameters do not count.
        steps: of the whole run.

    Raises:
        BadInput: for a setting of ``tuning`` that is out of range.
    """

    def __init__(self, blocks: Sequence[nn.Module], tuning: Tuning, steps: int) -> None:
        self.blocks = [block for block in blocks if list(block.parameters())]
        tuning.check(len(self.blocks))
        self.tuning, self.steps = tuning, steps
        self._parameters = [
            [p for p in block.parameters() if p.requires_grad] for block in self.blocks
        ]
        self._learning = len(self.blocks)
        self._frozen: list[nn.Module] = []

    def groups(self) -> list[dict[str, Any]]:
        """Parameter groups, the input's first. ``fit`` multiplies the rate by their ``scale``.

        Vectors (biases, and the scale and shift of norms) are in groups without weight decay: to
        shrink them does not make the function simpler.
        """
        groups: list[dict[str, Any]] = []
        for depth, parameters in zip(
            range(len(self.blocks) - 1, -1, -1), self._parameters, strict=True
        ):
            scale = self.tuning.layer_decay**depth
            matrices = [p for p in parameters if p.dim() > 1]
            vectors = [p for p in parameters if p.dim() <= 1]
            if matrices:
                groups.append({"params": matrices, "scale": scale})
            if vectors:
                groups.append({"params": vectors, "scale": scale, "weight_decay": 0.0})
        return groups

    def at(self, step: int) -> None:
        """Unfreeze the blocks that learn in update ``step``; the others stay frozen.

        They do so even after the whole network was put into training mode, as evaluation does.
        """
        learning = self.tuning.learning(step, self.steps, len(self.blocks))
        if learning != self._learning:
            self._learn(learning)
        if any(module.training for module in self._frozen):
            for block in self.blocks[: len(self.blocks) - learning]:
                block.eval()

    def release(self) -> None:
        """Unfreeze all blocks: the network is as it was before."""
        self._learn(len(self.blocks))

    def _learn(self, learning: int) -> None:
        frozen = len(self.blocks) - learning
        for depth, (block, parameters) in enumerate(
            zip(self.blocks, self._parameters, strict=True)
        ):
            block.train(depth >= frozen)
            for parameter in parameters:
                parameter.requires_grad_(depth >= frozen)
        self._frozen = [module for block in self.blocks[:frozen] for module in block.modules()]
        self._learning = learning
