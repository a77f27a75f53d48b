"""Photographs as PNG files: Pillow reads, one forward pass each, the mean colour of the picture."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from zoo.bench.common.case import Case
from zoo.bench.common.pictures import blobs, unpacked
from zoo.loading import load

WEIGHTS, COUNT, SIZE = "fast_style.the_scream", 4, (160, 120)
COARSE = 32  # grey levels: both sides may round a pixel otherwise


def cases() -> Iterator[Case]:
    """Both sides must paint pictures of the same mean colour."""
    predictor = load(WEIGHTS, device="cpu")
    model = predictor.model

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[list[int]]:
        return [_colour(model(unpacked(raw)[None])[0].clamp(0, 1) * 255) for raw in raws]

    files = [blobs(seed, *SIZE) for seed in range(COUNT)]
    yield Case("style_transfer", predictor, files, plain, lambda one: _colour(one.image.float()))


def _colour(picture: Tensor) -> list[int]:
    """The mean of each channel (C, H, W), in steps of ``COARSE``."""
    return [int(level // COARSE) for level in picture.mean((1, 2)).tolist()]
