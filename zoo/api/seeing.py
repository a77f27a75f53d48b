"""What a network sees in an image, layer by layer.

>>> import zoo
>>> zoo.see("lenet5.mnist", "digit.png").save("sheet.png")  # doctest: +SKIP

Proof: tests/api/test_seeing.py.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zoo.api.seen_images import SeenImages, images_of
from zoo.api.seen_network import SeenNetwork, seen_network
from zoo.errors import BadInput, unknown
from zoo.nn.plain_torch import plain_torch
from zoo.viz.layers.look import FILTERS_OF_PATCHES, Look
from zoo.viz.layers.parts import SeenFilters, SeenLayer
from zoo.viz.layers.places import Layer, Layers, layers
from zoo.viz.layers.seen import Seen
from zoo.viz.layers.still import still

METHODS = ("grad-cam", "occlusion", "integrated", "guided", "deconvnet", "patches", "filters")
ALL = "all"


@plain_torch()
def see(
    what: str | nn.Module,
    image: Any,
    *,
    method: str | Sequence[str] = ALL,
    layer: str | None = None,
    target: str | int | None = None,
    data: str | Path | Sequence[Any] | None = None,
    window: int | None = None,
    step: int | None = None,
    device: str = "auto",
) -> Seen:
    """Look at a network of images with an image.

    Args:
        what: weights, the folder of a run, an architecture (fresh weights), or a module. One that
            ``zoo.create_model`` made reads images as its weights do; of any other the image is a
            tensor as the network takes it.
        image: a path, a PIL image, an array, a tensor.
        method: some of ``METHODS``; "all" is all of them, "patches" only with ``data``.

            - "grad-cam": where a late layer sees the evidence for the target;
            - "occlusion": what the target's score loses where a window covers the image;
            - "integrated": integrated gradients, each pixel's share in the score;
            - "guided": guided backpropagation of the score;
            - "deconvnet": of some layers the filters that answer most strongly, each with what it
              saw and what in it made it answer (Zeiler & Fergus);
            - "patches": of each filter the nine patches that make it answer most strongly, of the
              images in ``data``, or within the image;
            - "filters": kernels of the first layer, or maps of ``layer``.
        layer: the name of a layer (``seen_layers``); by default some from the first to the last.
        target: a class of the card, or the number of an output; by default the highest score.
        data: a folder of images, a list of them, or the name of a data set of images (``zoo data``
            lists them), of which the test part is taken.
        window, step: of the occlusion, in pixels of the network's input.

    Raises:
        UnknownName: for a name that does not exist.
        BadInput: for a network without convolutions or whose input is no image, one that was
            compiled or optimized; for a target or a layer that does not exist.
        Missing, BadFile: for an image that cannot be read.
    """
    chosen = _methods(method)
    for name, value in (("window", window), ("step", step)):
        if value is not None and value < 1:
            raise BadInput(f"{name} must be at least 1 pixel, got {value}")
    network = seen_network(what, device)
    given = _input(network, image)
    found = layers(network.model, network.form.run, given)
    at = None if layer is None else found.find(layer)
    with still(network.model), torch.no_grad():
        scores = network.form.run(given)[0]
    if not scores.isfinite().all():
        raise BadInput(f"{network.name} gave scores that are not finite for this image")
    index = int(scores.argmax()) if target is None else network.form.number_of(target)
    if index >= len(scores):
        raise BadInput(f"target must be below {len(scores)}, the outputs there are, got {target}")
    look = Look(network.model, network.form.run, given, index, found, network.pixels)
    images = None if data is None else images_of(network, data)
    maps, captions = _maps(look, chosen, at, window, step)
    return Seen(
        name=network.name,
        image=network.pixels(given)[0].cpu(),
        target=network.form.text(scores, index),
        maps=maps,
        captions=captions,
        layers=tuple(_layers(look, chosen, at, images, ALL in (method, *chosen))),
        filters=tuple(_filters(look, chosen, at)),
        notices=(*network.notices, *_assumed(found, chosen)),
    )


def seen_layers(what: str | nn.Module, *, device: str = "auto") -> Layers:
    """The layers of a network that ``see`` can look at, with the shapes of their maps.

    Raises:
        UnknownName, BadInput: as ``see``.
    """
    network = seen_network(what, device)
    grey = torch.full((64, 64, 3), 128, dtype=torch.uint8).numpy()
    return layers(network.model, network.form.run, _input(network, grey))


def _methods(method: str | Sequence[str]) -> list[str]:
    names = method.split(",") if isinstance(method, str) else list(method)
    for name in names:
        if name not in (*METHODS, ALL):
            raise unknown("method", name, (*METHODS, ALL))
    return list(METHODS) if ALL in names else [name for name in METHODS if name in names]


def _input(network: SeenNetwork, image: Any) -> Tensor:
    """The network's input (1, C, H, W)."""
    given = network.prepare(image)
    if given.dim() != 3:
        raise BadInput(f"one image is looked at, got {len(given)}; the others can be the data")
    return given[None].to(network.device)


def _maps(
    look: Look, methods: Sequence[str], layer: Layer | None, window: int | None, step: int | None
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Maps and captions by method."""
    ways = {
        "grad-cam": lambda: look.grad_cam(layer),
        "occlusion": lambda: look.occlusion(window, step),
        "integrated": look.integrated,
        "guided": look.guided,
    }
    made = {name: ways[name]() for name in methods if name in ways}
    maps = {name: map.cpu() for name, (map, _) in made.items()}
    return maps, {name: caption for name, (_, caption) in made.items()}


def _layers(
    look: Look, methods: Sequence[str], layer: Layer | None, images: SeenImages | None, all_: bool
) -> list[SeenLayer]:
    chosen = look.layers.spread() if layer is None else [layer]
    if "patches" in methods and (images is not None or not all_):
        source = (None, None) if images is None else (images.batches, images.read)
        return look.patches(chosen, FILTERS_OF_PATCHES, *source)
    return [look.units(one) for one in chosen] if "deconvnet" in methods else []


def _filters(look: Look, methods: Sequence[str], layer: Layer | None) -> list[SeenFilters]:
    if "filters" not in methods:
        return []
    return [look.filters(look.layers.convolutions[0] if layer is None else layer)]


def _assumed(layers: Layers, methods: Sequence[str]) -> list[str]:
    """What the methods take for granted of this network."""
    if not {"deconvnet", "patches"} & {*methods}:
        return []
    return [f"deconvnet: {line}" for line in layers.assumed()]
