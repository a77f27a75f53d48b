"""Which pixels a score comes from: guided backpropagation and integrated gradients.

Papers: Springenberg et al. 2014, "Striving for Simplicity", arXiv:1412.6806, sec. 3.4; Sundararajan
et al. 2017, "Axiomatic Attribution for Deep Networks", arXiv:1703.01365, eq. 1.
Proof: tests/viz/layers/test_gradients.py (captum).
"""

from contextlib import nullcontext
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from zoo.viz.layers.rules import RULES
from zoo.viz.layers.still import still
from zoo.viz.layers.walk import Run, Walk

TOGETHER = 16  # points of the path in one pass
MOST_STEPS = 400
EXACT = 0.01  # of the difference of the scores


class Integrated(NamedTuple):
    """Integrated gradients of an image.

    Attributes:
        map: (C, H, W), the share of each number of the image in the score.
        difference: of the scores of the image and of the baseline: what the map must sum to.
        sum: of the map.
        steps: points of the path that were used.
    """

    map: Tensor
    difference: float
    sum: float
    steps: int

    @property
    def error(self) -> float:
        """By how much the sum misses the difference, as a part of it."""
        return abs(self.sum - self.difference) / max(abs(self.difference), 1e-12)


def input_gradient(
    model: nn.Module, run: Run, images: Tensor, target: int, rule: str = "gradient"
) -> Tensor:
    """The gradient of a score with respect to images (N, C, H, W), (N, C, H, W).

    Args:
        rule: "gradient", "guided" or "deconvnet" (zoo/viz/layers/rules.py).
    """
    chosen = RULES[rule]
    with still(model), torch.enable_grad():
        leaf = images.detach().clone().requires_grad_()
        with Walk(chosen) if chosen else nullcontext():
            score = run(leaf * 1)[:, target].sum()
        return torch.autograd.grad(score, leaf)[0]


def guided(model: nn.Module, run: Run, image: Tensor, target: int) -> Tensor:
    """Guided backpropagation of a score to an image (1, C, H, W): (C, H, W)."""
    return input_gradient(model, run, image, target, "guided")[0]


def integrated(
    model: nn.Module,
    run: Run,
    image: Tensor,
    target: int,
    baseline: Tensor | None = None,
    steps: int = 50,
    most: int = MOST_STEPS,
) -> Integrated:
    """Integrated gradients of a score along the straight way from a baseline to an image.

    The integral is taken by Gauss and Legendre's rule. The map must sum to the difference of the
    scores (completeness); where it misses by more than 1 % the steps are doubled, up to ``most``.

    Args:
        image: (1, C, H, W).
        baseline: of the same shape; zeros by default, the mean image of most front ends.
    """
    start = torch.zeros_like(image) if baseline is None else baseline
    with still(model), torch.no_grad():
        first, last = run(torch.cat([start, image]))[:, target].double().tolist()
    while True:
        map = _integral(model, run, start, image, target, steps)
        found = Integrated(map, last - first, float(map.double().sum()), steps)
        if found.error <= EXACT or 2 * steps > most:
            return found
        steps *= 2


def _integral(
    model: nn.Module, run: Run, start: Tensor, image: Tensor, target: int, steps: int
) -> Tensor:
    nodes, weights = (
        torch.from_numpy(numbers).to(image) / 2
        for numbers in np.polynomial.legendre.leggauss(steps)
    )
    total = torch.zeros_like(image[0])
    away = image - start
    for place, weight in zip((nodes + 0.5).split(TOGETHER), weights.split(TOGETHER), strict=True):
        points = start + place.view(-1, 1, 1, 1) * away
        slopes = input_gradient(model, run, points, target)
        total += torch.einsum("n,nchw->chw", weight, slopes)
    return total * away[0]
