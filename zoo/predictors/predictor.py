"""What ``zoo.load`` gives, whatever the task: raw input in, a typed answer out.

The file zoo/predictors/WORD.py answers for the task WORD. It has a frozen dataclass ``Options``
(zoo/options.py: what may be chosen when weights are loaded) and states its class as ``PREDICTOR``;
both are found by the task's word, so a new task needs no entry anywhere else.
Proof: tests/predictors/test_predictor.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from torch import Tensor, device, nn

from zoo.cards import Card
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Chosen = TypeVar("Chosen")  # the options of a file
Taken = TypeVar("Taken", contravariant=True)  # the options that a class takes


class Answer(Protocol):
    """What is answered to one raw input: printed for people, JSON for machines, perhaps drawn."""

    def to_json(self) -> dict[str, Any]:
        """The answer in types that JSON has."""

    def plot(self) -> "Figure":
        """The answer as a matplotlib figure.

        Raises:
            BadInput: if there is nothing to draw about answers of this kind.
        """
        raise BadInput(f"a {type(self).__name__} cannot be drawn; it can be printed, or go to JSON")


class LiveStream(Protocol):
    """One stream of sound to which answers are given while it comes."""

    @property
    def seconds(self) -> float:
        """Seconds of sound that were looked at."""

    def answers(self, blocks: Iterable[Tensor]) -> Iterator[Sequence[Answer]]:
        """Answers as they come, once for each block that is looked at; often there are none.

        Args:
            blocks: (m,) float samples in -1..1, any m.

        Raises:
            BadInput: for a block that is no such samples.
        """

    def recent(self) -> Answer:
        """The last minute as one answer, with what was answered in it: it can be drawn."""


class LivePredictor(Protocol):
    """What answers sound that is still to come: ``zoo predict NAME -`` and ``mic`` ask for it."""

    rate: int
    """Samples per second of the sound that it is given."""

    answer_name: str
    """What its answers are called, in the plural: "detections"."""

    def latency(self, seconds: float) -> float:
        """Seconds from a sound to its answer at most, without computing.

        Args:
            seconds: of a block of sound.
        """

    def stream(self) -> LiveStream:
        """A new stream, with no sound in it yet."""


class Predictor(Protocol[Taken]):
    """Raw input to a typed answer; a list or tuple of raw inputs to a list of answers.

    The classes of the tasks inherit from it: what stands below is theirs unless they differ.
    """

    model: nn.Module
    device: device

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Taken
    ) -> Self:
        """As a card describes it.

        Args:
            model: the card's network, with its weights.
            vocabulary: what the weights file holds besides; None if it holds none.

        Raises:
            BadFile: if these do not go together.
            BadInput: for options that make no sense.
        """

    @classmethod
    def network(cls, models: Sequence[nn.Module], options: Taken) -> nn.Module:
        """The one network that ``zoo evaluate`` measures, put where one of ``models`` was.

        Args:
            models: of the same task, with the same classes.
            options: as for ``from_card``.

        Raises:
            BadInput: for several, if there is no way in which they could vote.
        """
        if len(models) != 1:
            raise BadInput(f"{len(models)} networks of a {cls.__name__} cannot vote together")
        return models[0]

    @classmethod
    def export_shape(
        cls, input_shape: tuple[int, ...], front_end: Mapping[str, Any] | None
    ) -> tuple[int, ...] | None:
        """The shape of one example for ``zoo export``; None: networks of this kind have no form.

        Args:
            input_shape: that of the architecture.
            front_end: of a card; None for an architecture with fresh weights.
        """
        return None

    def __call__(self, raw: Any) -> Any:
        """The ``Answer`` to a raw input, or a list of them to a list or tuple.

        Raises:
            ZooError: for what is no such input.
        """

    def vector_input(self) -> str:
        """A small raw input that is always the same, as text: that of a card's test vector."""

    def output_of(self, text: str) -> Tensor:
        """The network's output (n,) for the input of a test vector, always the same.

        Raises:
            BadFile: for a text that no test vector has.
        """

    def as_live(self) -> LivePredictor | None:
        """The same for sound that is still to come; None: it answers no such sound."""
        return None


class PredictorFile(Protocol[Chosen]):
    """A file zoo/predictors/WORD.py, as ``zoo.predict.predictor_file`` finds it."""

    Options: type[Chosen]
    PREDICTOR: type[Predictor[Chosen]]
