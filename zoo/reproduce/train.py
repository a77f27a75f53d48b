"""One run of a recipe in a folder of its own: train, or go on, then look at the test set once."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from zoo.engine import distributed
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.engine.log import Log, Row
from zoo.engine.task import Task
from zoo.recipes.recipe import Recipe


@dataclass(frozen=True)
class Result:
    """A finished run."""

    task: Task  # with the trained model
    rows: list[Row]  # of the log
    dev: dict[str, float]
    test: dict[str, float]
    seconds: float


def train(
    recipe: Recipe,
    folder: Path,
    device: torch.device,
    *,
    show: bool = True,
    anyway: bool = False,
    also: Callable[[Row], None] | None = None,
) -> Result:
    """Run ``recipe`` in ``folder``; if it was stopped there, go on from its last checkpoint.

    Under ``torchrun`` every rank calls this; rank 0 writes.

    Args:
        also: called with each row of the log, besides the file.

    Raises:
        Busy: if another process is training there.
        BadInput: if the folder holds a run of another recipe, data or setting.
        Interrupted: after Ctrl-C or SIGTERM, when a checkpoint is written.
    """
    began = time.monotonic()
    task = recipe.build(device)
    torch.manual_seed(recipe.seed + 1_000_003 * distributed.rank())  # dropout differs by rank
    digest = task.data.digest()  # type: ignore[attr-defined]
    identity = {**recipe.settings(), "seed": recipe.seed, "data_sha256": digest}
    checkpoints = Checkpoints(folder / "checkpoints")
    first = distributed.rank() == 0
    log = Log(folder / "log.jsonl" if first else None, show=show and first, title=recipe.name)
    log.also = also or log.also
    if first:
        checkpoints.__enter__()
    distributed.barrier()  # a lock that is refused ends rank 0, and torchrun the others
    try:
        outcome = fit(
            task,
            recipe.optimizer(task.model.parameters()),
            recipe.rate,
            recipe.steps,
            extras=recipe.extras,
            checkpoints=checkpoints,
            log=log,
            identity=identity,
            anyway=anyway,
        )
        test = task.evaluate("test")
    finally:
        if first:
            checkpoints.__exit__()
    return Result(task, log.rows, outcome.scores, test, time.monotonic() - began)


def device_name(device: torch.device) -> str:
    """What a card says of the machine: "Intel Xeon @ 2.5 GHz, 2 threads" or "NVIDIA H200"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = "CPU"
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n")
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name = models[0] if models else name
    return f"{name}, {torch.get_num_threads()} threads"


def tensorboard(folder: Path) -> Callable[[Row], Any]:
    """A reader of log rows that writes TensorBoard files (``pip install deep-zoo[tensorboard]``)."""
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder / "tensorboard"))

    def write(row: Row) -> None:
        for name, value in row.items():
            if name != "step":
                writer.add_scalar(name, value, row["step"])
        writer.flush()

    return write
