"""``zoo.load``: from a name to something that answers.

>>> zoo.load("lenet5.mnist")("seven.png")  # doctest: +SKIP
Classification(label='7', ...)
"""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from zoo import cards
from zoo.cards import Card
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, unknown
from zoo.pretrained.create import assemble

PREDICTORS = {  # a card's task -> what answers for it
    "classification": "zoo.predictors.classification:PictureClassifier",
    "language_model": "zoo.tasks.language_model:Writer",
    "word_vectors": "zoo.predictors.word_vectors:WordVectors",
    "text_classification": "zoo.predictors.text_classification:SentimentClassifier",
    "tagging": "zoo.predictors.tagging:TextTagger",
    "trigger_word": "zoo.predictors.trigger_word:Listener",
    "speech_recognition": "zoo.predictors.speech_recognition:Transcriber",
}


class Predictor(Protocol):
    """Raw input to a typed result; a list or tuple of raw inputs to a list of results."""

    OPTIONS: tuple[str, ...]
    """What may be chosen when it is loaded, by keyword."""

    model: torch.nn.Module

    def __call__(self, raw: Any) -> Any:
        """Answer."""

    def vector_input(self) -> str:
        """A small raw input that is always the same, as text: for the card's test vector."""

    def output_of(self, text: str) -> Tensor:
        """Numbers (n,) that the input of a test vector leads to, always the same."""


def load(name: str | Path, *, device: str = "auto", **options: Any) -> Any:
    """Weights ready to use: a ``Predictor``.

    Args:
        name: weights (``"lenet5.mnist"``), or the folder that ``zoo train`` wrote.
        device: ``"auto"`` (a GPU if there is one), ``"cpu"``, ``"cuda:1"``, ...
        options: of its kind of answer. Pictures: ``crops``, 1, 10 or 144: average over so many
            crops of each picture instead of looking once at the whole of it.

    The card's test vector is run once: if this machine does not give the recorded output, that is
    an error and not a slightly wrong answer. Weights of others may come without one.

    Raises:
        UnknownName: with the near names.
        BadFile: if the weights or the card are damaged.
        BadInput: for an option that these weights do not have.
    """
    card = cards.card(name)
    kind = predictor_of(card.task)
    for option in options:
        if option not in kind.OPTIONS:
            has = f"it has {', '.join(kind.OPTIONS)}" if kind.OPTIONS else "it has none"
            raise BadInput(f"{card.name} has no option {option}; {has}")
    model, words = assemble(card)
    vocabulary = None if words is None else Vocabulary.unpack(words)
    predictor = kind.from_card(card, model.to(choose_device(device)), vocabulary, **options)
    _check(predictor, card)
    return predictor


def predictor_of(task: str) -> Any:
    """The class that answers for a task.

    Raises:
        UnknownName: for a task that does not exist.
    """
    if task not in PREDICTORS:
        raise unknown("task", task, PREDICTORS)
    module, _, name = PREDICTORS[task].partition(":")
    return getattr(import_module(module), name)


def choose_device(device: str) -> torch.device:
    """A device by name; "auto" takes the accelerator if there is one."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        chosen = torch.device(device)
        torch.zeros(1, device=chosen).item()  # "meta" can be asked for but holds no numbers
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).split("\n")[0]
        raise BadInput(f"device {device!r} cannot be used: {reason}") from error
    return chosen


def _check(predictor: Predictor, card: Card) -> None:
    if card.converter and not card.test_vector:
        return
    try:
        raw, output = card.test_vector["input"], card.test_vector["output"]
        expected = torch.tensor(output, dtype=torch.float32)
    except (KeyError, TypeError, ValueError) as error:
        raise BadFile(f"{card.name} has no test vector that can be read: {error}") from error
    got = predictor.output_of(raw)
    if got.shape != expected.shape:
        sizes = f"{tuple(got.shape)}, {tuple(expected.shape)} in its test vector"
        raise BadFile(f"{card.name} gives outputs {sizes}; do not use it")
    if not torch.allclose(got, expected, rtol=1e-3, atol=1e-3):
        raise BadFile(
            f"{card.name} does not give its card's test vector on this machine "
            f"(largest difference {(got - expected).abs().max():.2g}); do not use it"
        )
