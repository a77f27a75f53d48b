"""``zoo.load``: the predictor of some weights, by name.

>>> zoo.load("lenet5.mnist")("seven.png")  # doctest: +SKIP
Classification(label='7', ...)
"""

import pkgutil
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import torch

from zoo import predictors, registry
from zoo.cards import Card
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, unknown
from zoo.nn.plain_torch import plain_torch
from zoo.options import make_options
from zoo.predictors.predictor import Predictor, PredictorFile
from zoo.pretrained.create import assemble
from zoo.pretrained.optimize import optimize as fastest
from zoo.pretrained.optimized import Optimized


@plain_torch()
def load(
    name: str | Path, *, device: str = "auto", optimize: bool = False, **options: Any
) -> Predictor[Any]:
    """Load weights as the ``Predictor`` of their task (zoo/predictors/predictor.py).

    Args:
        name: weights (``"lenet5.mnist"``), the folder that ``zoo train`` wrote, or a file that
            needs no card, such as one of word vectors (``"glove.6B.50d.txt"``); an architecture
            (``"mtcnn"``) means its default weights (``zoo.cards.default``), and a line tells which.
        device: ``"auto"`` (a GPU if there is one), ``"cpu"``, ``"cuda:1"``, ...
        optimize: of networks of images: take the form that is fastest here (``zoo.optimize``), for
            which all are timed, some seconds, on one input of the card's size.
        options: fields of the ``Options`` in the predictor's module; ``zoo predict NAME --help``
            lists those of some weights.

    A predictor may have further members, such as ``most_similar`` of word vectors.

    The card's test vector is run once: an output that differs from the recorded one is an error,
    not a slightly wrong prediction. Weights of others may come without a test vector. Weights and
    answers are the same whatever default device or dtype, autocast or inference mode is set.

    Raises:
        UnknownName: if there are no such weights; near names are given.
        BadFile: if the weights or the card are damaged.
        BadInput: for an option that these weights do not have, or a network that ``zoo.optimize``
            does not take.
    """
    if task := registry.task_of_file(name):
        file = predictor_file(task)
        chosen = make_options(str(name), file.Options, options)
        if optimize:
            raise BadInput(f"{name} holds no network to optimize")
        return file.PREDICTOR.from_file(Path(name), chosen)
    card = registry.taken(name)
    file = predictor_file(card.task)
    chosen = make_options(card.name, file.Options, options)
    model, words = assemble(card)
    vocabulary = None if words is None else Vocabulary.unpack(words)
    model = model.to(choose_device(device))
    predictor = file.PREDICTOR.from_card(card, model, vocabulary, chosen)
    if first := predictor.asks_first():
        predictor.give(partial(load, first, device=device))
    _check(predictor, card)
    if optimize:
        predictor.model = _optimized(predictor, card)
        _check(predictor, card)
    return predictor


def predictor_file(task: str) -> PredictorFile[Any]:
    """The module in zoo/predictors for a task; only it knows the type of its options.

    Raises:
        UnknownName: if there is none; near names are given.
    """
    if task in _modules() and _has_predictor(task):
        return cast(PredictorFile[Any], import_module(f"{predictors.__name__}.{task}"))
    raise unknown("task", task, tasks())


def tasks() -> list[str]:
    """The tasks that have a predictor, sorted."""
    return [name for name in _modules() if _has_predictor(name)]


def _modules() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(predictors.__path__))


def _has_predictor(name: str) -> bool:
    """Whether a module of zoo/predictors is that of a task, not one that several tasks share."""
    return "PREDICTOR" in vars(import_module(f"{predictors.__name__}.{name}"))


def choose_device(device: str) -> torch.device:
    """A device by name; "auto" takes a GPU if there is one.

    Raises:
        BadInput: if the device cannot be used.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        chosen = torch.device(device)
        torch.zeros(1, device=chosen).item()  # "meta" is a device, but holds no values
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).split("\n")[0]
        raise BadInput(f"device {device!r} cannot be used: {reason}") from error
    return chosen


def _optimized(predictor: Predictor[Any], card: Card) -> Optimized:
    """The network of a predictor in the form that is fastest on an image.

    Raises:
        BadInput: for a network of anything else, or one that ``zoo.optimize`` does not take.
    """
    shape = predictor.export_shape(registry.entry(card.arch).input_shape, card.front_end)
    if shape is None:
        raise BadInput(f"{card.name} cannot be optimized: zoo.optimize takes networks of images")
    return fastest(predictor.model, torch.zeros(1, *shape, device=predictor.device))


def _check(predictor: Predictor[Any], card: Card) -> None:
    """Raise BadFile unless the card's test vector gives the recorded output."""
    if card.converter and not card.test_vector:
        return
    try:
        raw, output = card.test_vector["input"], card.test_vector["output"]
        if not isinstance(raw, str):
            raise TypeError(f"its input is no text but {raw!r}")
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
