"""A network that is looked at: by name or as a module, with what its images and scores are.

Proof: tests/api/test_seeing.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zoo import cards, registry
from zoo.api.transforming import transform
from zoo.errors import BadInput
from zoo.loading import choose_device, predictor_file
from zoo.nn.scored_form import ScoredForm, of_outputs
from zoo.pretrained.create import create_model, from_card
from zoo.pretrained.made_as import made_as
from zoo.pretrained.optimized import Optimized


@dataclass(frozen=True, eq=False)
class SeenNetwork:
    """A network, its scores, and how images become its input.

    Attributes:
        prepare: any image to (C, H, W), a list of them to (N, C, H, W).
        pixels: inputs (N, C, H, W) to what they look like, uint8.
        notices: what was assumed.
    """

    name: str
    model: nn.Module
    form: ScoredForm
    prepare: Callable[[Any], Tensor]
    pixels: Callable[[Tensor], Tensor]
    device: torch.device
    notices: tuple[str, ...] = ()


def seen_network(what: str | nn.Module, device: str) -> SeenNetwork:
    """A network by the name of its weights or architecture, a run's folder, or as a module.

    Raises:
        UnknownName: for a name that does not exist.
        BadInput: for a network whose input is no image, or that was compiled or optimized.
    """
    chosen = choose_device(device)
    if isinstance(what, nn.Module):
        return _of_module(what, device, chosen)
    fresh = what in registry.list_models()
    card = None if fresh else cards.card(what)
    model = create_model(what) if card is None else from_card(card)
    arch = what if card is None else card.arch
    classes = () if card is None else tuple(card.classes)
    notices = (f"{what}: fresh weights, which have learned nothing; name some: zoo list",) * fresh
    form = predictor_file(registry.entry(arch).task).PREDICTOR.scored(model, classes)
    named = what if card is None else card.name
    return _prepared(named, model.to(chosen).eval(), form, transform(what), chosen, notices)


def _of_module(model: nn.Module, device: str, chosen: torch.device) -> SeenNetwork:
    if isinstance(model, Optimized | torch.jit.ScriptModule) or _is_compiled(model):
        raise BadInput(
            f"what a {type(model).__name__} does inside cannot be seen: give the network itself, "
            "before zoo.optimize, torch.compile or export"
        )
    at = next((p.device for p in model.parameters()), chosen)
    if device != "auto" and at.type != chosen.type:
        raise BadInput(f"the network is on {at}: move it to {chosen}, or leave device out")
    made = made_as(model)
    if made is None:
        name = type(model).__name__
        return SeenNetwork(name, model, of_outputs(model), _as_given, _scaled, at)
    form = predictor_file(registry.entry(made.arch).task).PREDICTOR.scored(model, ())
    return _prepared(made.arch, model, form, transform(model), at, ())


def _is_compiled(model: nn.Module) -> bool:
    return any("_orig_mod" in part._modules for part in model.modules())


def _prepared(
    name: str,
    model: nn.Module,
    form: ScoredForm,
    prepare: Any,
    device: torch.device,
    notices: tuple[str, ...],
) -> SeenNetwork:
    return SeenNetwork(name, model, form, prepare, prepare.front_end.restored, device, notices)


def _as_given(image: Any) -> Tensor:
    """The input of a network that the zoo has not made: a tensor as the network takes it.

    Raises:
        BadInput: for anything else.
    """
    if isinstance(image, Tensor) and image.is_floating_point() and image.dim() in (3, 4):
        return image[0] if image.dim() == 4 and len(image) == 1 else image
    raise BadInput(
        "of a network that zoo.create_model has not made, the image is a float tensor (C, H, W), "
        f"as the network takes it; got {type(image).__name__}"
    )


def _scaled(images: Tensor) -> Tensor:
    """Inputs of any range as pictures: the smallest value black, the largest white."""
    low, high = images.amin((1, 2, 3), keepdim=True), images.amax((1, 2, 3), keepdim=True)
    values = (images - low) / (high - low).clamp(min=1e-12)
    colours = values if images.shape[1] in (1, 3) else values.mean(1, keepdim=True)
    return (255 * colours).round().to(torch.uint8)
