"""Pictures as PNG files: Pillow reads, one forward pass each, the strongest of the last maps."""

from collections.abc import Iterator
from typing import Any

import torch

from zoo.bench.common.case import Case
from zoo.bench.common.pictures import blobs, unpacked
from zoo.loading import load

WEIGHTS, COUNT, SIZE = "vgg_perceptual.coco_free", 8, (160, 120)
LAYER = "4_1"


def cases() -> Iterator[Case]:
    """Both sides must find the same map the strongest on average."""
    predictor = load(WEIGHTS, device="cpu")
    model: Any = predictor.model

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[int]:
        made = [model.extract(unpacked(raw)[None])[LAYER] for raw in raws]
        return [int(maps.mean((2, 3)).argmax()) for maps in made]

    files = [blobs(seed, *SIZE) for seed in range(COUNT)]
    yield Case("image_features", predictor, files, plain, _strongest)


def _strongest(answer: Any) -> int:
    return int(answer.maps[LAYER].mean((1, 2)).argmax())
