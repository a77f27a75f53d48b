"""Two-phase loading: look at everything first, then copy everything; never half.

Proof: tests/pretrained/test_load.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse
from torch import Tensor, nn

from zoo.cards import Card
from zoo.errors import BadFile, unknown
from zoo.pretrained import torchvision
from zoo.pretrained.find import find
from zoo.pretrained.verify import verified

Tensors = dict[str, Tensor]

WORDS = "words"  # the tensor of a weights file that is no weight: its packed vocabulary


class Converter(NamedTuple):
    """How weights of one kind of origin are read, and made to fit our network."""

    read: Callable[[Path, Card], Tensors]  # raises BadFile for anything but the right bytes
    convert: Callable[[Tensors, Tensors], Tensors]  # (theirs, a fresh network's) -> for load_into


def _read_ours(path: Path, card: Card) -> Tensors:
    try:
        return parse(verified(path, size=card.bytes, sha256=card.sha256))
    except SafetensorError as error:
        raise BadFile(f"{path} is not safetensors: {error}") from error


def _as_they_are(tensors: Tensors, fresh: Tensors) -> Tensors:
    return tensors


CONVERTERS = {  # a card's converter -> what it means
    "": Converter(_read_ours, _as_they_are),
    "torchvision": Converter(torchvision.read, torchvision.convert),
}


def tensors_of(card: Card) -> Tensors:
    """The verified tensors of a card's file, under the names that they have there.

    Raises:
        Missing: if the file is nowhere.
        BadFile: if it is not the one that the card describes.
        UnknownName: if the card names a converter that does not exist.
    """
    return _converter(card).read(find(card), card)


def converted(card: Card, tensors: Tensors, fresh: Tensors) -> Tensors:
    """A card's tensors as its network wants them; ``fresh`` is that network's state."""
    return _converter(card).convert(tensors, fresh)


def _converter(card: Card) -> Converter:
    if card.converter not in CONVERTERS:
        raise unknown("converter", card.converter, filter(None, CONVERTERS))
    return CONVERTERS[card.converter]


def load_into(model: nn.Module, tensors: dict[str, Tensor], name: str) -> None:
    """Copy ``tensors`` into ``model``: every name, shape and value is checked before the first.

    Floating-point tensors may be stored in half precision; all else must be of the model's dtype.

    Raises:
        BadFile: if one is missing, is too many, or has a wrong shape, dtype or a value that is not
            finite. Not one tensor of ``model`` has changed then.
    """
    state = model.state_dict()
    problem = _names(state, tensors)
    for key in state if not problem else ():
        problem = problem or _mismatch(key, state[key], tensors[key])
    if problem:
        raise BadFile(f"the weights of {name} do not fit: {problem}; nothing was loaded")
    with torch.no_grad():
        for key, target in state.items():
            target.copy_(tensors[key])


def _names(state: dict[str, Tensor], tensors: dict[str, Tensor]) -> str:
    missing, extra = sorted(state.keys() - tensors.keys()), sorted(tensors.keys() - state.keys())
    said = [f"missing {', '.join(missing[:3])}"] if missing else []
    said += [f"too many: {', '.join(extra[:3])}"] if extra else []
    return "; ".join(said)


def _mismatch(key: str, target: Tensor, tensor: Tensor) -> str:
    if target.shape != tensor.shape:
        return f"{key} has shape {tuple(tensor.shape)}, expected {tuple(target.shape)}"
    half = target.is_floating_point() and tensor.dtype in (torch.float16, torch.bfloat16)
    if target.dtype != tensor.dtype and not half:
        return f"{key} is {tensor.dtype}, expected {target.dtype}"
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        return f"{key} has values that are not finite"
    return ""
