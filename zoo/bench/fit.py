"""What our loop costs: LeNet-5 by ``fit`` and by the shortest loop that does the same updates."""

from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F

from zoo.data.image.pictures import Pictures, Splits
from zoo.data.image.preprocess import PictureFrontEnd
from zoo.engine.fit import fit
from zoo.engine.seed import seed_everything
from zoo.engine.timing import Work, interleaved
from zoo.models.lenet import LeNet5
from zoo.tasks.classification import ClassificationTask


def bench_fit(rounds: int, steps: int, batch_size: int = 128) -> dict[str, Any]:
    """Medians over ``rounds`` of the wall time per step, the two sides taking turns.

    The bare loop has its pictures normalised beforehand; ``fit`` does all that it always does:
    it starts from bytes, shuffles, schedules, watches for NaN, logs.
    """
    splits = _pictures(20 * batch_size)
    ready = splits.front_end.normalise(splits.train.pixels)

    def ours() -> Work:
        task, optimizer = _fresh(splits, batch_size)
        return lambda: fit(task, optimizer, lambda step: 0.01, steps)

    def bare() -> Work:
        task, optimizer = _fresh(splits, batch_size)
        labels = splits.train.labels
        return lambda: _bare_loop(task.model, optimizer, ready, labels, steps, batch_size)

    times = interleaved({"fit": ours, "bare": bare}, rounds)
    return {
        "fit_ms": 1e3 * times["fit"].median / steps,
        "bare_ms": 1e3 * times["bare"].median / steps,
        "ratio": times["fit"].ratio(times["bare"]),
        "threads": torch.get_num_threads(),
    }


def _bare_loop(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    pictures: torch.Tensor,
    labels: torch.Tensor,
    steps: int,
    batch_size: int,
) -> None:
    """The peer: nothing but the updates."""
    model.train()
    per_epoch = len(labels) // batch_size
    for step in range(steps):
        if step % per_epoch == 0:
            order = torch.randperm(len(labels))
        at = step % per_epoch * batch_size
        index = order[at : at + batch_size]
        loss = F.cross_entropy(model(pictures[index]), labels[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _fresh(splits: Splits, batch_size: int) -> tuple[ClassificationTask, torch.optim.Optimizer]:
    seed_everything(0)
    task = ClassificationTask(LeNet5(), splits, batch_size)
    return task, torch.optim.SGD(task.model.parameters(), lr=0.01, momentum=0.9)


def _pictures(count: int) -> Splits:
    """Noise in the shape of MNIST: the time does not depend on what the pictures show."""
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (count, 1, 32, 32), generator=draw, dtype=torch.uint8)
    labels = torch.randint(0, 10, (count,), generator=draw)
    train = Pictures(pixels, labels, tuple("0123456789"))
    few = replace(train, pixels=pixels[:1], labels=labels[:1])
    front_end = PictureFrontEnd((32, 32), mean=(0.1,), std=(0.8,))
    return Splits("noise", "none", train, few, few, front_end)
