"""What a problem offers: to the loop that trains it, to the card of its weights, to the person.

The contracts are written out here, whole: nothing else is asked of a task or of its data. A task is
a dataclass that inherits ``Task``; what it does not define has the default below.
"""

from collections.abc import Iterable, Mapping, Sequence, Sized
from pathlib import Path
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

Batch = Any  # a tensor, or a tuple/list/dict of tensors; only the task looks inside


class Data(Protocol):
    """Examples in parts that share none of them."""

    @property
    def name(self) -> str:
        """What a card calls it: "WNUT-17"."""

    @property
    def licence(self) -> str:
        """Under which it may be used."""

    def parts(self) -> Mapping[str, Sized]:
        """The parts by name, "train", "dev" and "test" as a rule; their length is in examples."""

    def digest(self) -> str:
        """SHA-256 (hex) of what training depends on, train and dev: other data, another one."""

    def about(self) -> Mapping[str, object]:
        """What ``zoo data NAME`` tells besides name, licence and sizes."""

    @property
    def notices(self) -> Sequence[str]:
        """Of the user's data: what was read, what was left out and why, a sentence each."""

    def examples(self) -> Mapping[str, Sequence[tuple[str, ...]]]:
        """Digests of each example's content, by part (zoo/data/examples.py).

        Of a text those of its lines. {} if weights are never measured on such data.
        """


class Packable(Protocol):
    """A vocabulary: what travels inside the weights file."""

    def pack(self) -> Tensor:
        """All of it as one tensor of bytes."""


class Mistakes(Protocol):
    """What went wrong on held-out data, the worst first: for ``print`` and for a file."""

    def __len__(self) -> int: ...

    def __str__(self) -> str:
        """A mistake a line, or a table."""

    def save(self, path: Path) -> None:
        """Write them to a file; of images a PNG."""


class Evaluable(Protocol):
    """A model with held-out data and scores: what a card, ``zoo evaluate`` and a person ask."""

    model: nn.Module
    data: Data
    device: torch.device
    units: ClassVar[Mapping[str, str]] = {}
    """The unit of each score that has one: {"error": "%"}."""

    @property
    def scores(self) -> Mapping[str, str]:
        """The scores that ``evaluate`` always gives, with "lower" or "higher", whichever is better.

        They are what a recipe may watch; if empty, ``fit`` evaluates once to find out.
        """
        return {}

    @property
    def kept_network(self) -> nn.Module:
        """What the weights file holds: ``model`` without what only training needs."""
        return self.model

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """Scores of ``split`` by their usual names; error rates in percent; every example once.

        It changes nothing: what has to be chosen on held-out data, ``choose`` chooses.
        """

    def choose(self, split: str = "dev") -> None:
        """Set what is chosen on held-out data after training: a threshold. By default nothing."""
        return

    def read_as(self, front_end: Mapping[str, Any]) -> None:
        """Make the network's input as the front end of a card says, if its recipe's is another now.

        By default nothing: the recipes of most tasks have kept theirs.
        """
        return

    def splits(self) -> dict[str, int]:
        """What ``evaluate`` takes, with the number of examples of each."""
        return {name: len(part) for name, part in self.data.parts().items()}

    def notices(self, split: str = "train") -> list[str]:
        """What a person should know of the data before it is used, a sentence each."""
        return list(self.data.notices)

    @property
    def vocabulary(self) -> Packable | None:
        """What is packed into the weights file; None for a network without words."""
        return None

    def card_facts(self) -> dict[str, Any]:
        """Fields of the card that only the task knows: task, front_end, classes, and the like."""

    def extra_files(self) -> Mapping[str, bytes]:
        """What lies beside the weights besides the card, by the ending of its name."""
        return {}

    def report(self, folder: Path, title: str) -> str:
        """Write what is worth seeing of the test set to ``folder``; the gist of it as text."""

    def mistakes(self, split: str = "test") -> Mistakes:
        """The worst mistakes on ``split``."""

    def example(self, folder: Path) -> str:
        """An input to try the weights with: a text, or a file that is written to ``folder``."""


class Task(Evaluable, Protocol):
    """All of that, and what ``fit`` needs to train the model.

    ``fit`` sets ``model`` to a compiled or data-parallel wrapper of the network while it trains, to
    the moving average of the weights while it evaluates, and to the plain network at the end.
    """

    @property
    def state(self) -> dict[str, Tensor]:
        """What ``loss`` keeps of one batch for the next, by name; checkpoints hold it.

        The hidden state of truncated backpropagation; empty where batches are independent.
        """
        return {}

    def check(self) -> None:
        """Refuse what cannot work before anything is trained.

        Raises:
            BadInput: if the network does not fit the data; both sizes are named.
        """
        return

    def batches(self, epoch: int, start: int = 0) -> Iterable[Batch]:
        """Training batches of one pass, from number ``start`` on, on the model's device.

        The order, and whatever is drawn at random for a batch, depends on the seed, ``epoch`` and
        the batch's number only: a resumed run sees what the uninterrupted one would have seen.
        Under ``torchrun`` each rank gets its share of the same global batches.
        """

    def loss(self, batch: Batch) -> Tensor:
        """Scalar training loss, averaged over the examples of ``batch``."""
