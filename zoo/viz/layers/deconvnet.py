"""What in an image made a unit answer: its activation, sent back to the pixels by a deconvnet.

Paper: Zeiler & Fergus 2013, "Visualizing and Understanding Convolutional Networks",
arXiv:1311.2901, sec. 2. Notes: course 4, week 4, "What are deep ConvNets learning?".
All other units of the layer are set to zero; then, layer by layer downwards: unpooling to the
places of the maxima (switches), rectification, the transposed filters. No gradient: where the
signal is negative it is cut, and where the network cut, it is not. How other layers pass it:
zoo/viz/layers/rules.py.
Windows of a pooling that overlap and share their maximum add up there.
Proof: tests/viz/layers/test_deconvnet.py (a chain of transposed layers by hand; captum).
"""

import torch
from torch import Tensor, nn

from zoo.viz.layers.places import Layer
from zoo.viz.layers.rules import RULES
from zoo.viz.layers.still import still
from zoo.viz.layers.walk import Run, map_at

TOGETHER = 9  # images in one pass


def unit_pictures(
    model: nn.Module,
    run: Run,
    layer: Layer,
    images: Tensor,
    units: Tensor,
    rule: str = "deconvnet",
) -> Tensor:
    """A unit of each image, sent back to its pixels.

    Args:
        images: (n, C, H, W).
        units: (n, 3) filter, row and column.
        rule: "deconvnet", "guided" or "gradient".

    Returns:
        (n, C, H, W); of "deconvnet" the activation itself is sent back, of the others 1.
    """
    pictures = []
    size = 1 if layer.alone else TOGETHER
    with still(model), torch.enable_grad():
        for some, at in zip(images.split(size), units.split(size), strict=True):
            leaf = some.detach().clone().requires_grad_()
            maps = map_at(run, leaf * 1, layer.call, RULES[rule])
            index = (torch.arange(len(some), device=some.device), *at.T.to(some.device))
            seeds = torch.zeros_like(maps)
            seeds[index] = maps.detach()[index] if rule == "deconvnet" else 1.0
            pictures.append(torch.autograd.grad(maps, leaf, seeds)[0])
    return torch.cat(pictures)
