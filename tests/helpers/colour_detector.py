"""A detector whose answers are known: it finds where an image is red, green or blue.

For tests of what is around a detector: reading, placing, saving, drawing, streaming.
"""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from safetensors.torch import save
from torch import nn

from tests.helpers.small_weights import plain_card, vector
from zoo import registry
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.threshold import in_card
from zoo.ops.boxes.objects import Detections, no_detections
from zoo.predictors import detection
from zoo.predictors.detection import ObjectDetector

CLASSES = ("red", "green", "blue")
ARCH = "colour_detector"


class ColourDetector(nn.Module):
    """Finds the rectangle around the pixels of each pure colour; its score is how full it is."""

    stride = 1

    def __init__(self, num_classes=3):
        super().__init__()
        self.num_classes = num_classes
        self.level = nn.Parameter(torch.tensor([0.5]))
        self.batches = []  # the sizes of the batches that were run

    def outputs(self, images):
        return (images - self.level).flatten(1)

    def detect(self, images, *, threshold=0.005, overlap=0.45, limit=100):
        self.batches.append(len(images))
        return [self.found(image, threshold, limit) for image in images]

    def found(self, image, threshold, limit):
        rows = []
        for label in range(self.num_classes):
            others = [i for i in range(3) if i != label]
            at = (image[label] > self.level) & (image[others].max(0).values < 0.4)
            if at.any():
                y, x = (at.any(axis).nonzero()[:, 0] for axis in (1, 0))
                box = [int(x[0]), int(y[0]), int(x[-1]) + 1, int(y[-1]) + 1]
                score = float(at.sum()) / ((box[2] - box[0]) * (box[3] - box[1]))
                rows += [(score, label, box)] if score >= threshold else []
        if not rows:
            return no_detections()
        scores, labels, boxes = zip(*sorted(rows, reverse=True)[:limit], strict=True)
        return Detections(torch.tensor(boxes).float(), torch.tensor(labels), torch.tensor(scores))


def detector(size=(64, 64), fit="stretch", **options):
    """The predictor."""
    return ObjectDetector(ColourDetector(), BoxFrontEnd(size, fit), CLASSES, **options)


def scene(size=(100, 60), **boxes):
    """A black PIL image with a filled rectangle (x1, y1, x2, y2) of each colour."""
    image = Image.new("RGB", size)
    for name, (left, top, right, bottom) in boxes.items():
        colour = tuple(255 * (name == one) for one in CLASSES)
        ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), fill=colour)
    return image


@contextmanager
def registered(monkeypatch):
    """The architecture is known to the registry."""
    monkeypatch.setattr(detection, "PREDICTOR", ObjectDetector, raising=False)
    add = registry.register(
        ARCH, paper="", task="detection", input_shape=(3, 64, 64), stem="level", head="level"
    )
    add(ColourDetector)
    try:
        yield
    finally:
        del registry._ENTRIES[ARCH]


def write_detector(folder: Path, threshold=0.5, tag="tiny"):
    """Write ``folder``/colour_detector.TAG.json and .safetensors; the card."""
    folder.mkdir(parents=True, exist_ok=True)
    model, front_end = ColourDetector(), BoxFrontEnd((64, 64), "stretch")
    data = save(model.state_dict())
    card = replace(
        plain_card(f"{ARCH}.{tag}", data),
        task="detection",
        front_end=in_card(front_end, threshold),
        classes=list(CLASSES),
        parameters=1,
        test_vector=vector(ObjectDetector(model, front_end, CLASSES)),
    )
    (folder / card.file).write_bytes(data)
    card.save(folder)
    return replace(card, folder=folder)
