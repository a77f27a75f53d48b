"""What a problem must offer the training loop."""

from collections.abc import Iterable, Mapping, Sized
from typing import Any, Protocol

from torch import Tensor, nn

Batch = Any  # a tensor, or a tuple/list/dict of tensors; only the task looks inside


class Data(Protocol):
    """What a task learns from and is measured on: a published set, or the user's data."""

    @property
    def name(self) -> str:
        """What a card calls it."""

    @property
    def licence(self) -> str:
        """Under which it may be used."""

    def parts(self) -> Mapping[str, Sized]:
        """Name of a split ("train", "dev", "test") to its examples."""

    def digest(self) -> str:
        """A sha256 of what training depends on: a run goes on only with the same data."""

    def about(self) -> Mapping[str, object]:
        """What ``zoo data`` prints besides the sizes."""


class Task(Protocol):
    """A model together with its data, its loss and its score."""

    model: nn.Module
    """What ``loss`` and ``evaluate`` call. ``fit`` puts the same network in other clothes here for
    the time it needs them (compiled, data parallel, averaged), and the plain one back."""

    # A task may also have ``carried``, a dictionary of tensors by name: what ``loss`` keeps of one
    # batch for the next (the state of truncated backpropagation). Checkpoints hold it.

    def batches(self, epoch: int, start: int = 0) -> Iterable[Batch]:
        """Training batches of one pass, from number ``start`` on, on the model's device.

        The order, and whatever is drawn at random for a batch, depends on the seed, ``epoch`` and
        the batch's number only: a resumed run sees what the uninterrupted one would have seen.
        Under ``torchrun`` each rank gets its share of the same global batches.
        """

    def loss(self, batch: Batch) -> Tensor:
        """Scalar training loss, averaged over the examples of ``batch``."""

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """Scores on held-out data; error rates in percent; every example counts once."""
