"""Single-label image classification. Notes: course 2, week 3, "Softmax regression".

``fit`` trains a ``ClassificationTask``; the predictor is in predictors/classification.py.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from zoo.data.batches import shuffled
from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.mixup import mixing
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.engine import distributed
from zoo.engine.seed import generator
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.losses.auxiliary import auxiliary_loss
from zoo.losses.class_weights import class_weights, weighted_cross_entropy
from zoo.losses.l2 import l2_penalty
from zoo.losses.smoothing import smoothed
from zoo.metrics.accuracy import confusion, error_rates, misclassified, most_confident_wrong
from zoo.nn.eval_mode import eval_mode
from zoo.tasks.outputs import check_outputs, outputs_of
from zoo.viz.confusion import confusion_figure, confusion_text
from zoo.viz.mistakes import ImageMistakes, Mistake, save_image

CHUNK = 500  # images per forward pass in evaluation, or fewer if they are large:
VALUES = 6_000_000  # pixel values per pass: 39 images of ImageNet, so that VGG needs 1 GB, not 13
MISTAKES = 24  # that fill a sheet


@dataclass
class ClassificationTask(Task):
    """Images and labels; scored by top-1 error in percent, over all images and over classes.

    The whole set stays on the model's device as bytes; a batch is selected, augmented and
    normalised there.
    """

    model: nn.Module  # (N, C, H, W) -> logits (N, K), or a tuple with auxiliary heads' in training
    data: ImageSplits
    batch_size: int = 128
    seed: int = 0
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None
    objective: Callable[[Any, Tensor], Tensor] = auxiliary_loss  # of outputs and labels
    l2: float = 0.0  # lambda of the notes
    label_smoothing: float = 0.0  # epsilon of Szegedy et al. 2015, sec. 7
    mix: str | None = None  # "mixup", "cutmix" or "both"
    mix_alpha: float = 1.0  # lambda of a mixture is drawn from Beta(alpha, alpha)
    balance: bool = False  # the classes count the same in the loss, however frequent they are

    units: ClassVar = {"error": "%", "balanced_error": "%"}

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        self.data = self.data.to(self.device)
        if not self.batch_size >= 1:
            raise BadInput(f"batch_size must be at least 1, got {self.batch_size}")
        self._objective = self._balanced() if self.balance else self.objective
        if self.mix or self.label_smoothing:
            self._objective = smoothed(self._objective, self.label_smoothing)
        if self.mix:
            self._mixed = mixing(self.mix, self.mix_alpha, len(self.data.train.classes))

    def check(self) -> None:
        """Raise BadInput if the network does not have an output for each class."""
        image = self.data.front_end.normalise(self.data.train.pick(slice(1)).pixels)
        check_outputs(outputs_of(self.model, image), len(self.data.train.classes), self.data.name)

    def _balanced(self) -> Callable[[Any, Tensor], Tensor]:
        """The cross-entropy of all heads, weighted by inverse class frequency."""
        plain: Callable[..., Tensor] = self.objective
        if "objective" not in inspect.signature(plain).parameters:
            raise BadInput("balance=true is for the cross-entropy; this recipe has another loss")
        train = self.data.train
        weights = class_weights(train.labels, len(train.classes))
        weighted = partial(weighted_cross_entropy, weight=weights)
        return partial(plain, objective=weighted)

    def batches(self, epoch: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """(normalised images, labels) of this rank; with ``mix`` the labels are (N, K)."""
        train, front_end = self.data.train, self.data.front_end
        place = {"rank": distributed.rank(), "world": distributed.world()}
        order = shuffled(len(train), self.batch_size, self.seed, epoch, start=start, **place)
        for number, index, local in order:
            index = index.to(self.device)
            share = slice(None) if self.mix else local  # mixed over all ranks, then shared
            if self.augment is None:
                pixels = train.pixels[index[share]]
            else:
                draw = generator(self.seed, "augment", epoch, number)
                pixels = self.augment(train.pixels[index], draw)[share]
            images, labels = front_end.normalise(pixels), train.labels[index[share]]
            if self.mix:
                draw = generator(self.seed, "mix", epoch, number)
                images, labels = self._mixed(images, labels, draw)
                images, labels = images[local], labels[local]
            yield images, labels

    def loss(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """Cross-entropy of all heads (or another objective), plus the L2 penalty if any."""
        images, labels = batch
        loss = self._objective(self.model(images), labels)
        if self.l2:
            loss = loss + l2_penalty(self.model, self.l2, len(self.data.train))
        return loss

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return dict.fromkeys(("error", "balanced_error"), "lower")

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """Percent of ``split`` whose most likely class is not the label.

        Returns:
            ``error``: over all images; ``balanced_error``: the mean of the error rates of the
            classes, which predicting the most frequent class does not lower.
        """
        part = self.data.parts()[split]
        local = part.pick(slice(distributed.rank(), None, distributed.world()))
        counts = part.labels.bincount(minlength=len(part.classes))
        wrong = torch.zeros_like(counts)  # of each class
        for logits, labels in batched_logits(self.model, local, self.data.front_end):
            wrong += labels[misclassified(logits, labels)].bincount(minlength=len(part.classes))
        return error_rates(distributed.total(wrong).cpu(), counts.cpu())

    def confusion(self, split: str = "test") -> Tensor:
        """Counts (K, K) of ``split``, on the CPU: row the label, column the prediction."""
        return self._confusion(split, self._log_p(split))

    def _confusion(self, split: str, log_p: Tensor) -> Tensor:
        part = self.data.parts()[split]
        return confusion(log_p.argmax(1), part.labels, len(part.classes)).cpu()

    def _log_p(self, split: str) -> Tensor:
        """Log-probabilities (N, K) of a split."""
        batches = batched_logits(self.model, self.data.parts()[split], self.data.front_end)
        return torch.cat([logits.log_softmax(1) for logits, _ in batches])

    def mistakes(self, split: str = "test", most: int = MISTAKES) -> ImageMistakes:
        """The images of ``split`` with the most confident wrong predictions."""
        return self._mistakes(split, self._log_p(split), most)

    def _mistakes(self, split: str, log_p: Tensor, most: int = MISTAKES) -> ImageMistakes:
        part = self.data.parts()[split]
        worst = zip(*most_confident_wrong(log_p, part.labels, most), strict=True)
        name = part.classes
        mistakes = (
            Mistake(part.pixels[i].cpu(), name[int(part.labels[i])], name[predicted], p)
            for i, predicted, p in worst
        )
        return ImageMistakes(tuple(mistakes), f"{self.data.name}, {split}")

    def card_facts(self) -> dict[str, Any]:
        """Task, front end and classes for the card."""
        front_end, classes = self.data.front_end.to_card(), list(self.data.train.classes)
        return {"task": "classification", "front_end": front_end, "classes": classes}

    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/confusion.png and mistakes.png, of the test set; the matrix as text."""
        log_p, classes = self._log_p("test"), self.data.test.classes
        counts = self._confusion("test", log_p)
        confusion_figure(counts, classes, folder / "confusion.png", title=title)
        replace(self._mistakes("test", log_p), title=title).save(folder / "mistakes.png")
        return confusion_text(counts, classes)

    def example(self, folder: Path) -> str:
        """Write ``folder``/example.png, an image of the test set to try; returns its path."""
        save_image(self.data.test.pixels[0].cpu(), folder / "example.png")
        return str(folder / "example.png")


@torch.no_grad()
def batched_logits(
    model: nn.Module, part: Images, front_end: ImageFrontEnd
) -> Iterator[tuple[Tensor, Tensor]]:
    """(logits, labels) of a whole set, batch by batch, with the model in evaluation mode."""
    size = max(1, min(CHUNK, VALUES // part.pixels.shape[1:].numel()))
    with eval_mode(model):
        for at in range(0, len(part), size):
            chunk = part.pick(slice(at, at + size))
            yield model(front_end.normalise(chunk.pixels)), chunk.labels
