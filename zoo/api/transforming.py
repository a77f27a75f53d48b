"""The preprocessing of weights or of a model, as a torch module.

>>> import zoo
>>> zoo.transform("lenet5.mnist")
ImageTransform(...)

Proof: tests/api/test_transforming.py.
"""

from collections.abc import Mapping
from typing import Any

from torch import nn

from zoo import cards, registry
from zoo.errors import BadInput, UnknownName
from zoo.loading import predictor_file
from zoo.pretrained.made_as import MadeAs, made_as


def transform(what: str | nn.Module) -> nn.Module:
    """The preprocessing that belongs to some weights, an architecture, or a model.

    Args:
        what: weights (``"resnet18.tv_in1k_v1"``), the folder of a run, an architecture, or a model
            that ``zoo.create_model`` made.

    Returns:
        A module without parameters: a PIL image, path, array or tensor to (C, H, W) float32; a
        batch or a list to (N, C, H, W). Exactly what ``zoo.load`` does to them. For an architecture
        or a model without weights it is that of the architecture's default weights; where there
        are none, or those were trained on images of another size than the network's, the image is
        resized to the network's input and becomes numbers in [-1, 1] (for a detector it is
        letterboxed and becomes numbers in [0, 1]; ``placed`` tells where it lies). A model's
        ``in_chans`` and ``image_size`` are followed.

    Raises:
        UnknownName: for a name that does not exist.
        BadInput: for a model that was not made by ``zoo.create_model``, or whose input is no image.
    """
    made = _made(what)
    entry = registry.entry(made.arch)
    front_end = made.front_end if made.front_end is not None else _default(made)
    kind = predictor_file(entry.task).PREDICTOR
    module = kind.transform(entry.input_shape, front_end, made.arguments)
    if module is None:
        raise BadInput(f"zoo.transform is for images; {made.arch} is for the task {entry.task}")
    return module


def _made(what: str | nn.Module) -> MadeAs:
    if isinstance(what, nn.Module):
        made = made_as(what)
        if made is None:
            raise BadInput(
                f"this {type(what).__name__} was not made by zoo.create_model; give the name of "
                "its weights or of its architecture"
            )
        return made
    if what in registry.list_models():
        return MadeAs(what, {}, None)
    card = cards.card(what)
    return MadeAs(card.arch, {}, card.front_end)


def _default(made: MadeAs) -> Mapping[str, Any] | None:
    """The front end of an architecture's default weights, if it has some that fit."""
    try:
        card = cards.default(made.arch)
    except UnknownName:
        return None
    size = card.arguments.get("image_size")
    fits = size is None or size == made.arguments.get("image_size")
    return card.front_end if fits else None
