"""One object at most in an image: is it there, where, and of which class; or where its points are.

Notes: course 4, week 3, "Object localization" and "Landmark detection". ``fit`` trains a
``LocalizationTask``; the predictor is in predictors/localization.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from zoo.data.batches import shuffled
from zoo.data.image.located_augment import LocatedAugment
from zoo.data.image.located_images import LocatedImages, LocatedSplits
from zoo.engine import distributed
from zoo.engine.seed import generator
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.losses.localizer import localizer_loss
from zoo.metrics.localization import MEASURES, SURE, UNITS, Found, read_outputs
from zoo.nn.eval_mode import eval_mode
from zoo.tasks.outputs import check_outputs, outputs_of
from zoo.viz.localization import LocatedMistake, LocatedMistakes
from zoo.viz.mistakes import save_image

CHUNK = 256  # images per forward pass in evaluation
MISTAKES = 24  # that fill a sheet


@dataclass
class LocalizationTask(Task):
    """Images with one object at most; ``zoo.metrics.localization`` has the scores."""

    model: Any  # a Locator (zoo/nn/locator.py), which ``fit`` may wrap
    data: LocatedSplits
    batch_size: int = 64
    seed: int = 0
    augment: LocatedAugment | None = None
    where_weight: float = 1.0  # of the squared error of the box in the loss; the notes have 1

    units: ClassVar = UNITS

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        self.data = self.data.to(self.device)
        if not self.batch_size >= 1:
            raise BadInput(f"batch_size must be at least 1, got {self.batch_size}")
        if not self.where_weight > 0:
            raise BadInput(f"where_weight must be above 0, got {self.where_weight}")
        self._encode, self._decode = self.model.encode, self.model.decode  # before it is wrapped
        self._measure = MEASURES[self.model.finds]
        self._boxes = self.model.finds == "box"
        self._numbers = self._encode(self.data.train.points[:1]).shape[1]

    def check(self) -> None:
        """Raise BadInput if the network has not an output for each class, or for each point."""
        image = self.data.front_end.normalise(self.data.train.pick(slice(1)).pixels)
        outputs, names = outputs_of(self.model, image), len(self.data.train.classes)
        if self._boxes:
            check_outputs(outputs[:, 1 + self._numbers :], names, self.data.name)
        elif outputs.shape[1] != 1 + self._numbers:
            points = (outputs.shape[1] - 1) // 2
            raise BadInput(f"num_points={points}, but {self.data.name} has {names} points")

    def batches(self, epoch: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """(normalised images, ``where``, labels) of this rank."""
        train = self.data.train
        place = {"rank": distributed.rank(), "world": distributed.world()}
        order = shuffled(len(train), self.batch_size, self.seed, epoch, start=start, **place)
        for number, index, local in order:
            index = index.to(self.device)
            pixels, points = train.pixels[index], train.points[index]
            if self.augment is not None:
                draw = generator(self.seed, "augment", epoch, number)
                pixels, points = self.augment(pixels, points, draw)
            part = replace(train, pixels=pixels, points=points, labels=train.labels[index])
            yield self._batch(part.pick(local))

    def _batch(self, part: LocatedImages) -> tuple[Tensor, Tensor, Tensor]:
        images = self.data.front_end.normalise(part.pixels)
        return images, self._encode(part.fractions()), part.labels

    def loss(self, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """That of the notes."""
        images, where, labels = batch
        there = labels >= 0
        outputs = self.model(images).float()  # of an autocast
        return localizer_loss(outputs, there, where, labels, self.where_weight)

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return dict(self._measure.SCORES)

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """As ``zoo.metrics.localization``: of boxes ``iou``, of points ``distance``, and errors."""
        part = self.data.parts()[split]
        local = part.pick(slice(distributed.rank(), None, distributed.world()))
        sums = self._measure.each(self.found(local), self.truth(local)).sum(0)
        return self._measure.scores(distributed.total(sums).cpu(), len(part))

    @torch.no_grad()
    def found(self, part: LocatedImages) -> Found:
        """What the network finds in a set, batch by batch, in evaluation mode."""
        outputs = []
        with eval_mode(self.model):
            for at in range(0, len(part), CHUNK):
                pixels = part.pixels[at : at + CHUNK]
                outputs.append(self.model(self.data.front_end.normalise(pixels)).float())
        return read_outputs(torch.cat(outputs), self._decode, self._numbers)

    def truth(self, part: LocatedImages) -> Found:
        """What is there, in the form of what is found; boxes with their corners in order."""
        points = self._decode(self._encode(part.fractions()))
        return Found(part.present.float(), points, part.labels)

    def mistakes(self, split: str = "test", most: int = MISTAKES) -> LocatedMistakes:
        """The images of ``split`` where most is wrong: p, then the class, then the place."""
        part = self.data.parts()[split]
        found, truth = self.found(part), self.truth(part)
        off = self._how_wrong(found, truth)
        worst = off.argsort(descending=True, stable=True)[:most]
        items = tuple(self._mistake(part, found, truth, int(i)) for i in worst if off[i] > 0)
        return LocatedMistakes(items, self._boxes, f"{self.data.name}, {split}")

    def _how_wrong(self, found: Found, truth: Found) -> Tensor:
        """0 for what is right, and the higher the worse."""
        away = (found.points - truth.points).abs().amax((1, 2))
        wrong_p = (found.p >= SURE) != (truth.p >= SURE)
        other = found.labels != truth.labels if self._boxes else torch.zeros_like(wrong_p)
        there = truth.p >= SURE
        return 2 * wrong_p * (found.p - truth.p).abs() + there * (other + away)

    def _mistake(self, part: LocatedImages, found: Found, truth: Found, i: int) -> LocatedMistake:
        pixels = part.pixels[i].cpu()
        size = torch.tensor([pixels.shape[2], pixels.shape[1]])
        there, seen = bool(truth.p[i] >= SURE), bool(found.p[i] >= SURE)
        names, places = [], []
        for one, shown in ((truth, there), (found, seen)):
            kind = part.classes[int(one.labels[i])] if self._boxes else "object"
            names.append(kind if shown else "nothing")
            places.append(one.points[i].cpu() * size if shown else None)
        text = f"{names[0]}, found {names[1]}: p {float(found.p[i]):.2f}"
        if there:
            score = self._measure.each(*(_only(x, i) for x in (found, truth)))[0, 1]
            text += f", {next(iter(self._measure.SCORES))} {float(score):.2f}"
        return LocatedMistake(pixels, places[0], places[1], text)

    def card_facts(self) -> dict[str, Any]:
        """Task, front end and classes for the card; of landmarks the names of the points."""
        front_end, classes = self.data.front_end.to_card(), list(self.data.train.classes)
        return {"task": "localization", "front_end": front_end, "classes": classes}

    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/mistakes.png, of the test set; the scores of each class as text."""
        replace(self.mistakes("test"), title=title).save(folder / "mistakes.png")
        return self._of_each_class("test")

    def _of_each_class(self, split: str) -> str:
        part = self.data.parts()[split]
        names = part.classes if self._boxes else ("object",)
        rows = []
        for label in range(len(names)):
            index = (part.labels == label).nonzero().squeeze(1)
            if len(index):
                own = part.pick(index)
                sums = self._measure.each(self.found(own), self.truth(own)).sum(0)
                rows.append((names[label], len(own), self._measure.scores(sums.cpu(), len(own))))
        width = max((len(name) for name, _, _ in rows), default=0)
        lines = [
            f"{name:{width}} {count:6}  " + "  ".join(f"{k} {v:.3g}" for k, v in scores.items())
            for name, count, scores in rows
        ]
        return "\n".join(lines or [f"{split} has no object"])

    def example(self, folder: Path) -> str:
        """Write ``folder``/example.png, an image of the test set to try; returns its path."""
        save_image(self.data.test.pixels[0].cpu(), folder / "example.png")
        return str(folder / "example.png")


def _only(found: Found, i: int) -> Found:
    return Found(*(field[i : i + 1] for field in found))
