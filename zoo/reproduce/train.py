"""One run of a recipe in a folder of its own: train, or go on, then look at the test set once."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from zoo.engine import distributed
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.engine.log import Log, Row
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.recipes.recipe import FitRecipe
from zoo.recipes.vectors_recipe import VectorsRecipe
from zoo.reproduce.result import Result, commit, halve
from zoo.reproduce.train_vectors import train_vectors


def train(
    recipe: FitRecipe | VectorsRecipe,
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
        BadInput: if the folder holds a run of another recipe, data or setting; if a number of the
            recipe is out of range; if the network does not fit the data.
        Interrupted: after Ctrl-C or SIGTERM, when a checkpoint is written.
    """
    if isinstance(recipe, VectorsRecipe):  # no steps, no fit
        return train_vectors(recipe, folder, device, show=show, also=also)
    code = commit()
    _in_order(recipe)
    task = recipe.build(device)
    thaw = recipe.thaw(task.model)
    _rehearse(task, recipe)
    if show and distributed.rank() == 0:
        say_notices(task, "train")
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
            recipe.optimizer(thaw.groups() if thaw else task.model.parameters()),
            recipe.rate,
            recipe.steps,
            extras=recipe.extras,
            thaw=thaw,
            checkpoints=checkpoints,
            log=log,
            identity=identity,
            anyway=anyway,
        )
        if recipe.half:
            halve(task.model)
        test = task.evaluate("test")
    except RuntimeError as error:  # torch says so in words on a CPU, by a subclass on a GPU
        if "memory" not in str(error):
            raise
        raise BadInput(
            f"out of memory with batch_size={recipe.batch_size}; use a smaller one, with "
            "accumulate=2 or 4 to keep the same updates; the last checkpoint stays"
        ) from error
    finally:
        if first:
            checkpoints.__exit__()
    return Result(task, log.rows, outcome.scores, test, outcome.seconds, code)


def say_notices(task: Any, split: str) -> None:
    """What a task has to say of its data before it is used, on standard error."""
    for line in getattr(task, "notices", lambda split: [])(split):
        print(f"note: {line}", file=sys.stderr)


def _in_order(recipe: FitRecipe) -> None:
    """Refuse numbers that would fail, or silently train nothing, after minutes."""
    extras = recipe.extras
    counts = {"steps": recipe.steps, "accumulate": extras.accumulate, "log_every": extras.log_every}
    counts |= {"patience": 1 if extras.patience is None else extras.patience}
    counts |= {"save_every": extras.save_every, "evaluate_every": extras.evaluate_every or 1}
    for name, value in counts.items():
        if value < 1:
            raise BadInput(f"{name} must be at least 1, got {value}")
    norm, size = (1.0 if c is None else c for c in (extras.clip, extras.clip_value))
    if recipe.lr < 0 or min(norm, size) <= 0:
        got = f"lr={recipe.lr}, clip={extras.clip}, clip_value={extras.clip_value}"
        raise BadInput(f"lr, clip and clip_value must be positive, got {got}")
    if extras.ema is not None and not 0 < extras.ema < 1:
        raise BadInput(f"ema must lie between 0 and 1, got {extras.ema}")
    if abs(recipe.seed) >= 2**63:
        raise BadInput(f"seed must have less than 64 bits, got {recipe.seed}")
    try:
        for step in (0, recipe.steps - 1):
            recipe.rate(step)
    except ArithmeticError as error:
        raise BadInput(f"this schedule cannot run for {recipe.steps} steps: {error}") from error


def _rehearse(task: Task, recipe: FitRecipe) -> None:
    """One batch without learning: a network that does not fit its data is said to be that."""
    known: Any = task
    outputs = recipe.arguments.get("num_classes")
    if outputs is not None and outputs != len(known.data.train.classes):
        classes = len(known.data.train.classes)
        raise BadInput(f"num_classes={outputs}, but {known.data.name} has {classes} classes")
    task.model.eval()
    try:
        with torch.no_grad():
            for batch in task.batches(0):
                task.loss(batch)
                break
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, IndexError) as error:
        reason = str(error).split("\n")[0]
        raise BadInput(f"{recipe.arch} does not fit the data of {recipe.name}: {reason}") from error


def tensorboard(folder: Path) -> Callable[[Row], Any]:
    """A reader of log rows that writes TensorBoard files; needs the extra ``tensorboard``."""
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder / "tensorboard"))

    def write(row: Row) -> None:
        for name, value in row.items():
            if name != "step":
                writer.add_scalar(name, value, row["step"])
        writer.flush()

    return write
