"""Images in arrays: stacked, normalised, one forward pass a batch, the most probable class."""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import torch

from zoo.bench.common.case import Case, batches
from zoo.loading import load
from zoo.predictors.classification import ImageClassifier

WEIGHTS, COUNT = "resnet20.fashion", 128


def cases() -> Iterator[Case]:
    """Images of the size that the network takes."""
    predictor = cast(ImageClassifier, load(WEIGHTS, device="cpu"))
    model, front_end, classes = predictor.model, predictor.front_end, predictor.classes
    shape = (COUNT, *front_end.size)
    images = list(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[str]:
        labels: list[str] = []
        for batch in batches(raws):
            pixels = torch.from_numpy(np.stack(batch))[:, None]
            p = model(front_end.normalise(pixels)).softmax(1)
            labels += [classes[k] for k in p.argmax(1).tolist()]
        return labels

    yield Case("classification", predictor, images, plain, lambda answer: answer.label)
