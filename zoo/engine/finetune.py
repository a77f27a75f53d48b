"""Which blocks of a network learn at which step, and how fast.

Knows no model: it is given blocks, modules from the input to the output, the head last. Layer-wise
rates and gradual unfreezing: Howard & Ruder 2018 (ULMFiT), arXiv:1801.06146, sec. 3.2 and 3.3;
notes: course 3, week 2, "Transfer learning". What learns is a function of the step alone, so that a
resumed run is bit-identical.

A frozen block is a fixed function. Its parameters have no gradients, so that no optimizer and no
weight decay touches them; its modules are in eval mode, so that the statistics of its batch norm
stand still and its dropout is off: it gives what it will give when the network is used.

Deviations: ULMFiT thaws a block each epoch and divides the rate by 2.6 from block to block; here
both are settings, and counted in parts of the run.
Proof: tests/engine/test_finetune.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from zoo.errors import BadInput


@dataclass(frozen=True)
class Tuning:
    """How to fine-tune. The default is to train everything as if nothing had been learnt before.

    The head learns from the first step on. ``alone`` is the part of the run that it learns alone;
    then the block before it joins, and so on in equal intervals, the last one at ``unfreeze``. With
    ``unfreeze`` no later than ``alone`` all blocks join at once.
    """

    freeze: int = 0  # so many blocks, from the input on, never learn
    probe: bool = False  # only the head ever learns
    decay: float = 1.0  # the rate of a block, as a part of that of the block after it
    alone: float = 0.0
    unfreeze: float = 0.0

    def learning(self, step: int, steps: int, blocks: int) -> int:
        """How many of ``blocks``, counted from the head, learn in update ``step`` of ``steps``.

        >>> plan = Tuning(freeze=1, alone=0.2, unfreeze=0.6)
        >>> [plan.learning(step, 10, blocks=5) for step in range(10)]
        [1, 1, 2, 2, 3, 3, 4, 4, 4, 4]
        """
        others = 0 if self.probe else blocks - self.freeze - 1
        if step < self.alone * steps:
            return 1
        if step >= self.unfreeze * steps:
            return 1 + others
        done = (step / steps - self.alone) / (self.unfreeze - self.alone)
        return 1 + min(others, 1 + int(done * (others - 1) + 1e-9))

    def check(self, blocks: int) -> None:
        """Refuse what cannot be done with so many blocks.

        Raises:
            BadInput: for a number out of range.
        """
        if not 0 <= self.freeze < blocks:
            raise BadInput(
                f"freeze={self.freeze}: the network has {blocks} blocks, of which the last, the "
                f"head, must learn; freeze from 0 to {blocks - 1}"
            )
        if not 0 < self.decay <= 1:
            raise BadInput(f"decay must be above 0 and at most 1, got {self.decay}")
        for name in ("alone", "unfreeze"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"{name} is a part of the run, 0 to 1, got {getattr(self, name)}")


class Thaw:
    """A ``Tuning`` of certain blocks: groups for the optimizer, and what ``fit`` asks each step.

    Args:
        blocks: from input to output, the head last; those without parameters do not count.
        steps: of the whole run.

    Raises:
        BadInput: for a number of ``tuning`` that is out of range.
    """

    def __init__(self, blocks: Sequence[nn.Module], tuning: Tuning, steps: int) -> None:
        self.blocks = [block for block in blocks if list(block.parameters())]
        tuning.check(len(self.blocks))
        self.tuning, self.steps = tuning, steps
        self._parameters = [
            [p for p in block.parameters() if p.requires_grad] for block in self.blocks
        ]
        self._learning = len(self.blocks)
        self._still: list[nn.Module] = []

    def groups(self) -> list[dict[str, Any]]:
        """Parameter groups, the input's first. ``fit`` multiplies every rate by their ``scale``.

        Vectors (biases, and the scale and shift of norms) are groups of their own without weight
        decay: to shrink them does not make the function simpler.
        """
        found: list[dict[str, Any]] = []
        for depth, parameters in zip(
            range(len(self.blocks) - 1, -1, -1), self._parameters, strict=True
        ):
            scale = self.tuning.decay**depth
            matrices = [p for p in parameters if p.dim() > 1]
            vectors = [p for p in parameters if p.dim() <= 1]
            if matrices:
                found.append({"params": matrices, "scale": scale})
            if vectors:
                found.append({"params": vectors, "scale": scale, "weight_decay": 0.0})
        return found

    def at(self, step: int) -> None:
        """Let those blocks learn that do so in update ``step``, and keep the others still.

        Also after somebody has put the whole network into training mode, as evaluation does.
        """
        learning = self.tuning.learning(step, self.steps, len(self.blocks))
        if learning != self._learning:
            self._learn(learning)
        if any(module.training for module in self._still):
            for block in self.blocks[: len(self.blocks) - learning]:
                block.eval()

    def release(self) -> None:
        """Let every block learn again: the network is given back as it came."""
        self._learn(len(self.blocks))

    def _learn(self, learning: int) -> None:
        frozen = len(self.blocks) - learning
        for number, (block, own) in enumerate(zip(self.blocks, self._parameters, strict=True)):
            block.train(number >= frozen)
            for parameter in own:
                parameter.requires_grad_(number >= frozen)
        self._still = [module for block in self.blocks[:frozen] for module in block.modules()]
        self._learning = learning
