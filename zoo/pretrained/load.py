"""Two-phase loading: all tensors are checked before the first is copied.

Proof: tests/pretrained/test_load.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse
from torch import Tensor, nn

from zoo.cards import SHIPPED, Card
from zoo.errors import BadFile, unknown
from zoo.pretrained import darknet, facenet_pytorch, pth, torchvision
from zoo.pretrained.find import find
from zoo.pretrained.verify import verified_bytes

Tensors = dict[str, Tensor]

VOCABULARY_KEY = "words"  # the tensor of a weights file with its packed vocabulary


class Converter(NamedTuple):
    """How weights of one origin are read and converted to the zoo's networks."""

    read: Callable[[Path, Card], Tensors]  # raises BadFile for anything but the expected bytes
    convert: Callable[[Tensors, Tensors], Tensors]  # (file's, initial state) -> for ``load_into``


def _read_safetensors(path: Path, card: Card) -> Tensors:
    try:
        return parse(verified_bytes(path, size=card.bytes, sha256=card.sha256))
    except SafetensorError as error:
        raise BadFile(f"{path} is not safetensors: {error}") from error


def _unchanged(tensors: Tensors, initial: Tensors) -> Tensors:
    return tensors


CONVERTERS = {  # by the ``converter`` of a card
    "": Converter(_read_safetensors, _unchanged),
    SHIPPED: Converter(_read_safetensors, _unchanged),
    "torchvision": Converter(pth.read, torchvision.convert),
    darknet.CONVERTER: Converter(darknet.read, darknet.unchanged),
    "facenet_pytorch": Converter(pth.read, facenet_pytorch.convert),
}


def read_tensors(card: Card) -> Tensors:
    """The verified tensors of a card's file, under the names in the file.

    Raises:
        Missing: if there is no file.
        BadFile: if it is not the one that the card describes.
        UnknownName: if the card's converter does not exist.
    """
    return _converter(card).read(find(card), card)


def convert_tensors(card: Card, tensors: Tensors, initial: Tensors) -> Tensors:
    """The tensors of a card's file converted for its network, whose state is ``initial``."""
    return _converter(card).convert(tensors, initial)


def _converter(card: Card) -> Converter:
    if card.converter not in CONVERTERS:
        raise unknown("converter", card.converter, filter(None, CONVERTERS))
    return CONVERTERS[card.converter]


def load_into(model: nn.Module, tensors: dict[str, Tensor], name: str) -> None:
    """Copy ``tensors`` into ``model`` after all names, shapes, dtypes and values are checked.

    Floating-point tensors may be stored in half precision; all others must have the model's dtype.

    Raises:
        BadFile: if a tensor is missing or superfluous, or has a wrong shape or dtype or a value
            that is not finite. No tensor of ``model`` has changed then.
    """
    state = model.state_dict()
    problem = _name_mismatch(state, tensors)
    for key in state if not problem else ():
        problem = problem or _tensor_mismatch(key, state[key], tensors[key])
    if problem:
        raise BadFile(f"the weights of {name} do not fit: {problem}; nothing was loaded")
    with torch.no_grad():
        for key, target in state.items():
            target.copy_(tensors[key])


def _name_mismatch(state: dict[str, Tensor], tensors: dict[str, Tensor]) -> str:
    missing, extra = sorted(state.keys() - tensors.keys()), sorted(tensors.keys() - state.keys())
    problems = [f"missing {', '.join(missing[:3])}"] if missing else []
    problems += [f"too many: {', '.join(extra[:3])}"] if extra else []
    return "; ".join(problems)


def _tensor_mismatch(key: str, target: Tensor, tensor: Tensor) -> str:
    if target.shape != tensor.shape:
        return f"{key} has shape {tuple(tensor.shape)}, expected {tuple(target.shape)}"
    half = target.is_floating_point() and tensor.dtype in (torch.float16, torch.bfloat16)
    if target.dtype != tensor.dtype and not half:
        return f"{key} is {tensor.dtype}, expected {target.dtype}"
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        return f"{key} has values that are not finite"
    return ""
