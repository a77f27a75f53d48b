"""Where in the image the evidence for a class lies, as a late layer sees it.

Paper: Selvaraju et al. 2016, "Grad-CAM", arXiv:1610.02391, eq. 1 and 2: each map weighs as much as
the mean of the score's gradient over its places; the sum of the maps is cut below zero.
Proof: tests/viz/layers/test_grad_cam.py (torchcam).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.viz.layers.places import Layer
from zoo.viz.layers.still import still
from zoo.viz.layers.walk import Run, scores_from


def grad_cam(model: nn.Module, run: Run, layer: Layer, image: Tensor, target: int) -> Tensor | None:
    """The map (h, w) of a layer for a score of an image (1, C, H, W).

    Up to the layer nothing is kept for the gradient. None if the score does not depend on it.
    """
    with still(model):
        maps, scores = scores_from(run, image, layer.call)
        score = scores[:, target].sum()
        if not score.requires_grad:
            return None
        found = torch.autograd.grad(score, maps, allow_unused=True)[0]
    if found is None or not found.any():
        return None
    weights = found.mean((2, 3), keepdim=True)  # eq. 1
    return (weights * maps.detach()).sum(1)[0].clamp(min=0)  # eq. 2


def last_cam(
    model: nn.Module, run: Run, layers: Sequence[Layer], image: Tensor, target: int
) -> tuple[Layer, Tensor] | None:
    """The first of the layers on which the score depends, and its map."""
    for layer in layers:
        map = grad_cam(model, run, layer, image, target)
        if map is not None:
            return layer, map
    return None


def as_large_as(map: Tensor, height: int, width: int) -> Tensor:
    """A map (h, w) over the whole image, bilinear: (H, W)."""
    return F.interpolate(map[None, None], (height, width), mode="bilinear", align_corners=False)[
        0, 0
    ]
