"""JPEG files: Pillow reads and resizes, one forward pass a batch, boxes decoded, suppression."""

import io
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torchvision.ops import batched_nms

from zoo.bench.common.case import Case, batches
from zoo.loading import load
from zoo.predictors.detection import ObjectDetector

WEIGHTS, COUNT = "yolov3_tiny.bccd", 16
WIDTH, HEIGHT, CELL = 640, 480, 96  # pixels of an image, and from one red cell to the next
GROUND, RED, PALE = (225, 215, 205), (205, 150, 145), (220, 190, 180)


def cases() -> Iterator[Case]:
    """Drawn smears of red cells; both sides must find as many."""
    predictor = cast(ObjectDetector, load(WEIGHTS, device="cpu"))
    model, (height, width) = predictor.model, predictor.front_end.size

    def pixels(raw: bytes) -> Tensor:
        image = Image.open(io.BytesIO(raw)).convert("RGB")
        resized = image.resize((width, height), Image.Resampling.BILINEAR)
        return torch.from_numpy(np.array(resized)).permute(2, 0, 1)

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[int]:
        counts: list[int] = []
        for batch in batches(raws):
            maps = model(torch.stack([pixels(raw) for raw in batch]).float() / 255)
            heads = [
                _decoded(one, [model.anchors[i] for i in mask], stride)
                for one, mask, stride in zip(maps, model.masks, model.strides, strict=True)
            ]
            all_boxes, scores = (torch.cat(part, 1) for part in zip(*heads, strict=True))
            for boxes, p in zip(all_boxes, scores, strict=True):
                which, label = (p > predictor.threshold).nonzero(as_tuple=True)
                kept = batched_nms(boxes[which], p[which, label], label, predictor.overlap)
                counts.append(len(kept[: predictor.limit]))
        return counts

    yield Case("detection", predictor, list(map(_smear, range(COUNT))), plain, len)


def _decoded(raw: Tensor, anchors: list[Any], stride: int) -> tuple[Tensor, Tensor]:
    """A head's map to boxes (N, n, 4) and scores (N, n, K)."""
    n, _, rows, columns = raw.shape
    t = raw.view(n, len(anchors), -1, rows, columns).permute(0, 1, 3, 4, 2)
    grid = torch.stack(torch.meshgrid(torch.arange(columns), torch.arange(rows), indexing="xy"), -1)
    centre = (t[..., :2].sigmoid() + grid) * stride
    half = t[..., 2:4].exp() * torch.tensor(anchors)[:, None, None] / 2
    scores = t[..., 4:5].sigmoid() * t[..., 5:].sigmoid()
    return torch.cat((centre - half, centre + half), -1).flatten(1, 3), scores.flatten(1, 3)


def _smear(seed: int) -> bytes:
    """A JPEG with a red cell here and there."""
    draw = np.random.default_rng(seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    pen = ImageDraw.Draw(image)
    for x in range(0, WIDTH - CELL, CELL):
        for y in range(0, HEIGHT - CELL, CELL):
            if draw.random() < 0.6:
                left, top = x + int(draw.integers(8)), y + int(draw.integers(8))
                side = int(draw.integers(76, 88))
                pen.ellipse((left, top, left + side, top + side), RED)
                pen.ellipse((left + 24, top + 24, left + side - 24, top + side - 24), PALE)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()
