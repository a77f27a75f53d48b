"""The contract of a predictor, which ``zoo.load`` returns: raw input in, a typed result out.

The module zoo/predictors/TASK.py has the predictor of a task. It defines a frozen dataclass
``Options`` (zoo/options.py), the options of loading weights, and names its class ``PREDICTOR``;
both are found by the name of the task, so a new task needs no entry anywhere else.
Proof: tests/predictors/test_predictor.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar

from torch import Tensor, arange, device, nn

from zoo.cards import Card
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, ZooError
from zoo.nn.export_form import ExportForm
from zoo.nn.plain_torch import plain_torch
from zoo.nn.scored_form import ScoredForm, of_outputs
from zoo.predictors.answer import Answer
from zoo.predictors.inputs.frame import Frame
from zoo.predictors.live import LivePredictor, Writer

OptionsT = TypeVar("OptionsT")  # the options of a module
OptionsIn = TypeVar("OptionsIn", contravariant=True)  # the options that a class takes


class Predictor(Protocol[OptionsIn]):
    """Raw input to a typed result; a list or tuple of raw inputs to a list of results.

    The predictors of the tasks inherit from it; the bodies below are the defaults.
    """

    FILE: ClassVar[str] = ""
    """What a file is called that needs no card: "a file of word vectors"; "" where none is read."""

    model: nn.Module
    device: device

    reads_text: ClassVar[bool] = False
    """Whether a raw input is a text; otherwise it is a file, or what one holds."""

    draws: ClassVar[bool] = False
    """Whether its answers can be plotted."""

    saves: ClassVar[tuple[str, ...]] = ("json",)
    """The kinds of files that its answers can be saved as."""

    def __init_subclass__(cls) -> None:
        """Answers do not depend on what the caller has set in torch: an autocast, a dtype."""
        super().__init_subclass__()
        for name in {"__call__", "each", "output_of"} & vars(cls).keys():
            setattr(cls, name, plain_torch()(vars(cls)[name]))

    @classmethod
    def from_file(cls, path: Path, options: OptionsIn) -> Self:
        """The predictor that a ``FILE`` holds, which other programs may have written.

        Raises:
            BadFile: if it is of another kind, or damaged.
            BadInput: for options out of range.
        """
        raise BadFile(f"{path} needs a card: the weights of a {cls.__name__} do not stand alone")

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: OptionsIn
    ) -> Self:
        """The predictor that a card describes.

        Args:
            model: the card's network, with its weights.
            vocabulary: of the weights file; None if it has none.

        Raises:
            BadFile: if card, network and vocabulary do not match.
            BadInput: for options out of range.
        """

    @classmethod
    def network(cls, models: Sequence[nn.Module], options: OptionsIn, card: Card) -> nn.Module:
        """The network that ``zoo evaluate`` measures: ``models`` as one.

        Args:
            models: networks of the same task, with the same classes.
            options: as for ``from_card``.
            card: of the first.

        Raises:
            BadInput: for several models, if networks of this task have no ensemble.
        """
        if len(models) != 1:
            raise BadInput(f"{len(models)} networks of a {cls.__name__} cannot vote together")
        return models[0]

    @classmethod
    def export_shape(
        cls, input_shape: tuple[int, ...], front_end: Mapping[str, Any] | None
    ) -> tuple[int, ...] | None:
        """The shape of one example for ``zoo export``; None if such networks are not exported.

        Args:
            input_shape: that of the architecture.
            front_end: the record of a card; None for an architecture without trained weights.
        """
        return None

    @classmethod
    def export_form(cls, model: nn.Module, front_end: Mapping[str, Any] | None) -> ExportForm:
        """What ``zoo export`` writes: the network as it is, with one output.

        Args:
            front_end: as for ``export_shape``.

        Raises:
            BadInput: if this network cannot be exported.
        """
        return ExportForm(model)

    @classmethod
    def transform(
        cls,
        input_shape: tuple[int, ...],
        front_end: Mapping[str, Any] | None,
        arguments: Mapping[str, Any],
    ) -> nn.Module | None:
        """What ``zoo.transform`` gives; None if the input is no image.

        Args:
            input_shape, front_end: as for ``export_shape``.
            arguments: of the network, where they differ from those of the front end's.
        """
        return None

    @classmethod
    def scored(cls, model: nn.Module, classes: Sequence[str]) -> ScoredForm:
        """What ``zoo see`` explains: the network's outputs.

        Args:
            classes: of the card; () for a network without weights.
        """
        return of_outputs(model)

    def __call__(self, raw: Any) -> Any:
        """The ``Answer`` for a raw input, or a list of them for a list or tuple.

        Raises:
            ZooError: for an input that cannot be used.
        """

    def spread(self, inputs: Sequence[str]) -> list[str]:
        """The words of a command line as inputs: where files are taken, a folder is those in it.

        What was found in it is told on standard error.

        Raises:
            BadInput: for a folder without a file that can be an input.
        """
        return list(inputs)

    def frames(self, word: str) -> "Iterator[Frame] | None":
        """The frames of a video or a camera that a word of a command line means.

        None if it means none, or this task answers no frames; each frame's image is an input.

        Raises:
            ZooError: while it is read, as ``zoo.predictors.inputs.video_frames.frames``.
        """
        return None

    def each(self, inputs: Sequence[Any]) -> "list[Answer | ZooError]":
        """The answer for each raw input, or the error of one that cannot be used.

        By default halves that hold such an input are tried again; the others are batched.
        """
        try:
            return list(self(list(inputs))) if inputs else []
        except ZooError as error:
            if len(inputs) == 1:
                return [error]
        half = len(inputs) // 2
        return [*self.each(inputs[:half]), *self.each(inputs[half:])]

    def vector_input(self) -> str:
        """The input of a card's test vector, as text: small, and always the same."""

    def output_of(self, text: str) -> Tensor:
        """The network's output (n,) for the input of a test vector; deterministic.

        Raises:
            BadFile: for a text that cannot be the input of a test vector.
        """

    def asks_first(self) -> str:
        """The name of other weights that its inputs go through first; "" for none."""
        return ""

    def give(self, first: "Callable[[], Predictor[Any]]") -> None:
        """Take what loads the weights of ``asks_first``; it is called when they are needed."""
        return

    def in_pairs(self) -> "Predictor[Any] | None":
        """The predictor of two inputs: its raw input is a pair; None if this task compares none."""
        return None

    def as_live(self) -> LivePredictor | None:
        """The predictor for live sound; None if this task has none."""
        return None

    def as_writer(self) -> Writer | None:
        """The predictor for texts as they are written; None if this task writes none."""
        return None


def check_classes(outputs: int, classes: Sequence[str]) -> None:
    """Check that a network has an output for each class of its card.

    Raises:
        BadFile: if it has not.
    """
    if outputs != len(classes):
        wrong = f"has {len(classes)} classes but {outputs} outputs"
        raise BadFile(f"the card {wrong}; do not use it")


def sampled(outputs: Tensor, most: int = 64) -> Tensor:
    """At most so many of the numbers, from the first to the last: what a test vector records.

    >>> import torch
    >>> sampled(torch.arange(10), most=4)
    tensor([0, 3, 6, 9])
    """
    flat = outputs.flatten()
    count = min(len(flat), most)
    chosen: Tensor = flat[arange(count, device=flat.device) * (len(flat) - 1) // max(count - 1, 1)]
    return chosen


def check_finite(outputs: Tensor, kind: str) -> None:
    """Check the outputs of a network for an input of some kind: "image", "text".

    Raises:
        BadInput: if one is NaN or infinite.
    """
    if not outputs.isfinite().all():
        raise BadInput(f"the network gave values that are not finite for this {kind}")


class PredictorFile(Protocol[OptionsT]):
    """A module zoo/predictors/TASK.py, as ``zoo.loading.predictor_file`` returns it."""

    Options: type[OptionsT]
    PREDICTOR: type[Predictor[OptionsT]]
