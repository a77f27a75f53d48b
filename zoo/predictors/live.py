"""What some predictors also are: predictors of live sound, writers of texts as they come.

Proof: tests/predictors/test_predictor.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from torch import Tensor

from zoo.predictors.answer import Answer


class LiveStream(Protocol):
    """Predictions on one live stream of sound."""

    @property
    def seconds(self) -> float:
        """Duration of the sound processed so far, in seconds."""

    def answers(self, blocks: Iterable[Tensor]) -> Iterator[Sequence[Answer]]:
        """Yield the results of each processed block, often none.

        Args:
            blocks: (m,) float samples in [-1, 1], any m.

        Raises:
            BadInput: for a block that does not hold such samples.
        """

    def recent(self) -> Answer:
        """The results of the last minute as one, which can be plotted."""


class LivePredictor(Protocol):
    """A predictor for live sound, which ``zoo predict NAME -`` and ``mic`` use."""

    rate: int
    """Sample rate of the live sound, in Hz."""

    answer_name: str
    """The name of its results, in the plural: "detections"."""

    def latency(self, seconds: float) -> float:
        """Largest delay from a sound to its result in seconds, without computing time.

        Args:
            seconds: duration of a block of sound.
        """

    def stream(self) -> LiveStream:
        """A new stream, which has processed no sound yet."""


class Writing(Protocol):
    """Texts while they are written: iterate over it once, then ``answers`` are complete."""

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """The number of the raw input, and a piece of text that follows there."""

    @property
    def answers(self) -> Sequence[Answer]:
        """The results, one for each raw input; a printed one is its input and all pieces."""


class Writer(Protocol):
    """A predictor of texts that can be printed as they are written."""

    def write(self, raws: Sequence[Any]) -> Writing:
        """Begin the texts for raw inputs.

        Raises:
            ZooError: for an input that cannot be used.
        """
