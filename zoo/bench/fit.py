"""Overhead of the training loop: LeNet-5 trained by ``fit`` and by a bare loop, the same updates.

The images of the bare loop are normalised beforehand; ``fit`` does all its usual work: it starts
from bytes, shuffles, schedules, checks for NaN and logs. Proof: tests/bench/test_fit.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.engine.fit import fit
from zoo.engine.seed import seed_everything
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadInput
from zoo.models.lenet import LeNet5
from zoo.tasks.classification import ClassificationTask

ROUNDS = 15
HEAD = ("training step", "fit, ms", "bare loop, ms", "ratio", "fit, CPU ms", "bare loop")


@dataclass(frozen=True)
class Row:
    """Median seconds per step; ``ratio`` of wall times, above 1: slower than the bare loop."""

    what: str
    fit: float
    bare: float
    ratio: float
    fit_cpu: float
    bare_cpu: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table, times in milliseconds."""
        fit, bare, fit_cpu, bare_cpu = (
            f"{1e3 * t:.3f}" for t in (self.fit, self.bare, self.fit_cpu, self.bare_cpu)
        )
        return (self.what, fit, bare, f"{self.ratio:.3f}", fit_cpu, bare_cpu)


def run(rounds: int, *, steps: int = 100, batch_size: int = 128) -> Iterator[Row]:
    """Time both loops.

    Args:
        rounds: how often each side runs.
        steps: optimizer steps in one run.
        batch_size: images in one step.

    Raises:
        BadInput: for fewer than one step.
    """
    if steps < 1:
        raise BadInput(f"--steps must be at least 1, got {steps}")
    splits = _random_images(20 * batch_size)
    ready = splits.front_end.normalise(splits.train.pixels)

    def ours() -> Work:
        task, optimizer = _new_task(splits, batch_size)
        return lambda: fit(task, optimizer, lambda step: 0.01, steps)

    def bare() -> Work:
        task, optimizer = _new_task(splits, batch_size)
        labels = splits.train.labels
        return lambda: _bare_loop(task.model, optimizer, ready, labels, steps, batch_size)

    times = interleaved({"fit": ours, "bare": bare}, rounds)
    one, other = times["fit"], times["bare"]
    yield Row(f"LeNet-5, batch {batch_size}", one.median / steps, other.median / steps,
              one.ratio(other), one.cpu_median / steps, other.cpu_median / steps)  # fmt: skip


def _bare_loop(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    images: torch.Tensor,
    labels: torch.Tensor,
    steps: int,
    batch_size: int,
) -> None:
    """The peer: the updates only."""
    model.train()
    per_epoch = len(labels) // batch_size
    for step in range(steps):
        if step % per_epoch == 0:
            order = torch.randperm(len(labels))
        at = step % per_epoch * batch_size
        index = order[at : at + batch_size]
        loss = F.cross_entropy(model(images[index]), labels[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _new_task(
    splits: ImageSplits, batch_size: int
) -> tuple[ClassificationTask, torch.optim.Optimizer]:
    seed_everything(0)
    task = ClassificationTask(LeNet5(), splits, batch_size)
    return task, torch.optim.SGD(task.model.parameters(), lr=0.01, momentum=0.9)


def _random_images(count: int) -> ImageSplits:
    """Noise in the shape of MNIST: the time does not depend on the content of the images."""
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (count, 1, 32, 32), generator=draw, dtype=torch.uint8)
    labels = torch.randint(0, 10, (count,), generator=draw)
    train = Images(pixels, labels, tuple("0123456789"))
    held_out = replace(train, pixels=pixels[:1], labels=labels[:1])
    front_end = ImageFrontEnd((32, 32), mean=(0.1,), std=(0.8,))
    return ImageSplits("noise", "none", train, held_out, held_out, front_end)
