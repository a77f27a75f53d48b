"""JPEG files: Pillow reads, resizes and pads, one forward pass a batch, the class and the box."""

import io
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageOps
from torch import Tensor

from zoo.bench.common.case import Case, batches
from zoo.loading import load
from zoo.predictors.localization import Localizer

WEIGHTS, COUNT = "localizer.bccd", 128
WIDTH, HEIGHT = 160, 120  # pixels of an image
GROUND, PURPLE, GREY = (225, 215, 205), (120, 70, 150), (128, 128, 128)


def cases() -> Iterator[Case]:
    """A drawn cell on three images of four; both sides must find the same class."""
    predictor = cast(Localizer, load(WEIGHTS, device="cpu"))
    model, front_end = predictor.model, predictor.front_end
    mean, std = (torch.tensor(one)[:, None, None] for one in (front_end.mean, front_end.std))

    def pixels(raw: bytes) -> Tensor:
        image = Image.open(io.BytesIO(raw)).convert("RGB")
        padded = ImageOps.pad(image, front_end.size[::-1], Image.Resampling.BILINEAR, GREY)
        return torch.from_numpy(np.array(padded)).permute(2, 0, 1)

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[str]:
        labels: list[str] = []
        for batch in batches(raws):
            images = torch.stack([pixels(raw) for raw in batch]).float() / 255
            outputs = model((images - mean) / std)
            p, boxes, best = outputs[:, 0].sigmoid(), outputs[:, 1:5].sigmoid(), outputs[:, 5:]
            for one, _, k in zip(p.tolist(), boxes.tolist(), best.argmax(1).tolist(), strict=True):
                labels.append(predictor.names[k] if one >= predictor.threshold else "")
        return labels

    files = [_cell(seed) for seed in range(COUNT)]
    yield Case("localization", predictor, files, plain, lambda answer: answer.label)


def _cell(seed: int) -> bytes:
    """A JPEG of a cell somewhere."""
    draw = np.random.default_rng(seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    if seed % 4:
        left, top, side = (int(draw.integers(*span)) for span in ((80,), (40,), (40, 80)))
        ImageDraw.Draw(image).ellipse((left, top, left + side, top + side), PURPLE)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()
