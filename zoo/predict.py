"""``zoo.load``: from a name to something that answers.

>>> zoo.load("lenet5.mnist")("seven.png")  # doctest: +SKIP
Classification(label='7', ...)
"""

import base64
import io
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor

from zoo import cards
from zoo.cards import Card
from zoo.data.front_end import PictureFrontEnd
from zoo.errors import BadFile, BadInput, unknown
from zoo.pretrained.create import from_card
from zoo.tasks.classify import PictureClassifier


class Predictor(Protocol):
    """Raw input to a typed result; a list or tuple of raw inputs to a list of results."""

    model: torch.nn.Module

    def __call__(self, raw: Any) -> Any:
        """Answer."""


def load(name: str | Path, *, device: str = "auto", crops: int | None = None) -> Predictor:
    """Weights ready to use.

    Args:
        name: weights (``"lenet5.mnist"``), or the folder that ``zoo train`` wrote.
        device: ``"auto"`` (a GPU if there is one), ``"cpu"``, ``"cuda:1"``, ...
        crops: 1, 10 or 144: average over so many crops of each picture (zoo/practice/crops.py)
            instead of looking once at the whole of it.

    The card's test vector is run once: if this machine does not give the recorded output, that is
    an error and not a slightly wrong answer. Weights of others may come without one.

    Raises:
        UnknownName: with the near names.
        BadFile: if the weights or the card are damaged.
    """
    card = cards.card(name)
    predictor = _predictor(card, choose_device(device), crops)
    _check(predictor, card)
    return predictor


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


def _predictor(card: Card, device: torch.device, crops: int | None) -> PictureClassifier:
    if card.task != "classify":
        raise unknown("task", card.task, ["classify"])
    model = from_card(card).to(device)
    front_end = PictureFrontEnd.from_card(card.front_end)
    return PictureClassifier(model, front_end, tuple(card.classes), crops)


def output_of(predictor: PictureClassifier, raw: Any) -> Tensor:
    """Log-probabilities (K,) of one raw input: what a test vector records."""
    return predictor.log_p(predictor.front_end.pixels(raw)[None])[0]


def vector_picture(text: str) -> Image.Image:
    """The raw picture of a test vector, kept in the card as base64 of a PNG."""
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(text)))
        picture.load()
    except (OSError, ValueError, TypeError, SyntaxError) as error:
        raise BadFile(f"the card's test vector holds no picture: {error}") from error
    return picture


def _check(predictor: PictureClassifier, card: Card) -> None:
    if card.converter and not card.test_vector:
        return
    try:
        raw, output = card.test_vector["input"], card.test_vector["output"]
        expected = torch.tensor(output, dtype=torch.float32)
    except (KeyError, TypeError, ValueError) as error:
        raise BadFile(f"{card.name} has no test vector that can be read: {error}") from error
    got = output_of(predictor, vector_picture(raw))
    if not got.shape == expected.shape == (len(card.classes),):
        sizes = f"{len(got)} outputs, {tuple(expected.shape)} in its test vector"
        raise BadFile(f"{card.name} has {len(card.classes)} classes but {sizes}; do not use it")
    if not torch.allclose(got, expected, rtol=1e-3, atol=1e-3):
        raise BadFile(
            f"{card.name} does not give its card's test vector on this machine "
            f"(largest difference {(got - expected).abs().max():.2g}); do not use it"
        )
