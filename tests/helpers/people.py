"""Pictures of made-up people: squares of colour that are theirs, a little different each time."""

import numpy as np
import torch
from PIL import Image

from zoo.predictors.detection_answer import DetectedObjects


def portrait(person: int, picture: int = 0, noise: float = 12, side: int = 40) -> Image.Image:
    """A picture of a person."""
    base = np.random.default_rng(person).integers(40, 215, (4, 4, 3)).astype(float)
    change = np.random.default_rng(1000 * person + picture + 1).normal(0, noise, (4, 4, 3))
    values = np.clip(base + change, 0, 255).astype(np.uint8)
    return Image.fromarray(values).resize((side, side), Image.Resampling.NEAREST)


def write_people(folder, names=("Ann", "Bob", "Cid", "Dee"), pictures=4, first=0):
    """FOLDER/NAME/0.png, ...; person number n has name n."""
    for person, name in enumerate(names):
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        for picture in range(first, first + pictures):
            portrait(person, picture).save(place / f"{picture}.png")
    return folder


PLACES = ((10.0, 20.0, 50.0, 60.0), (90.0, 5.0, 150.0, 65.0), (60.0, 70.0, 90.0, 100.0))


def group(persons, size=(160, 110)) -> Image.Image:
    """A photo with a portrait in each of ``PLACES``, as many as there are persons."""
    photo = Image.new("RGB", size)
    for person, (x1, y1, x2, y2) in zip(persons, PLACES, strict=False):
        face = portrait(person, 40).resize((int(x2 - x1), int(y2 - y1)), Image.Resampling.NEAREST)
        photo.paste(face, (int(x1), int(y1)))
    return photo


class KnownPlaces:
    """Finds faces at fixed boxes, whatever the photo shows: in place of a detector."""

    def __init__(self, boxes=PLACES) -> None:
        self.boxes, self.asked = boxes, 0

    def __call__(self, image: torch.Tensor) -> DetectedObjects:
        self.asked += 1
        count = len(self.boxes)
        return DetectedObjects(
            torch.tensor(self.boxes).view(-1, 4),
            torch.linspace(0.99, 0.9, count),
            torch.zeros(count, dtype=torch.int64),
            ("face",),
            image.shape[2],
            image.shape[1],
            0.7,
            image,
        )
