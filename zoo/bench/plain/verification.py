"""Drawings as PNG files: Pillow reads, one forward pass a batch, the largest of the numbers."""

from collections.abc import Iterator
from typing import Any, cast

import torch

from zoo.bench.common.case import Case, batches
from zoo.bench.common.pictures import strokes, unpacked
from zoo.loading import load

WEIGHTS, COUNT, SIDE = "facenet_small.omniglot", 128, 56


def cases() -> Iterator[Case]:
    """Both sides must find the same number of the vector the largest."""
    predictor = load(WEIGHTS, device="cpu")
    model = predictor.model

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[int]:
        made = [model(torch.stack([unpacked(raw) for raw in batch])) for batch in batches(raws)]
        return cast(list[int], torch.cat(made).argmax(1).tolist())

    files = [strokes(seed, SIDE) for seed in range(COUNT)]
    yield Case("verification", predictor, files, plain, lambda one: int(one.vector.argmax()))
