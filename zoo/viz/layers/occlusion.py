"""What the score loses where a part of the image is covered.

Paper: Zeiler & Fergus 2013, arXiv:1311.2901, sec. 4.2 and Fig. 7.
Proof: tests/viz/layers/test_occlusion.py (captum).
"""

import math

import torch
from torch import Tensor, nn

from zoo.viz.layers.still import still
from zoo.viz.layers.walk import Run

POSITIONS = 13  # of the window along the shorter side, by default
WIDE = 7  # windows beside one another there
TOGETHER = 32  # covered images in one pass
PIXELS = 2_000_000  # of them together


def window_of(height: int, width: int) -> tuple[int, int]:
    """Side and step of the window by default: a seventh of the shorter side, half of that."""
    side = max(math.ceil(min(height, width) / WIDE), 1)
    return side, max(side // 2, 1)


@torch.no_grad()
def occlusion(
    model: nn.Module,
    run: Run,
    image: Tensor,
    target: int,
    window: int | None = None,
    step: int | None = None,
    cover: float = 0.0,
) -> Tensor:
    """The mean loss of a score over the windows that cover a pixel, (H, W).

    Args:
        image: (1, C, H, W).
        window, step: side of the square window, and pixels from one position to the next; the last
            one of a row or column may reach beyond the image.
        cover: the number that covers, in all channels: 0 is the mean grey of most front ends.
    """
    height, width = image.shape[2:]
    usual = window_of(height, width)
    side, by = window or usual[0], step or usual[1]
    tops, lefts = (
        torch.arange(math.ceil(max(size - side, 0) / by) + 1, device=image.device) * by
        for size in (height, width)
    )
    rows = _inside(tops, side, height)  # (n, H) bool
    columns = _inside(lefts, side, width)
    covered = rows[:, None, :, None] & columns[None, :, None, :]  # (n, m, H, W)
    covered = covered.flatten(0, 1)
    together = max(min(TOGETHER, PIXELS // (height * width)), 1)
    losses = []
    with still(model):
        whole = run(image)[0, target]
        for some in covered.split(together):
            scores = run(image.masked_fill(some[:, None], cover))[:, target]
            losses.append(whole - scores)
    loss = torch.cat(losses).view(len(tops), len(lefts))
    share = torch.einsum("ih,ij,jw->hw", rows.to(loss), loss, columns.to(loss))
    return share / torch.outer(rows.sum(0), columns.sum(0)).clamp(min=1)


def _inside(starts: Tensor, side: int, size: int) -> Tensor:
    """Which of ``size`` places each window covers."""
    places = torch.arange(size, device=starts.device)
    return (places >= starts[:, None]) & (places < starts[:, None] + side)
