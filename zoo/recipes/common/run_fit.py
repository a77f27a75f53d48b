"""One run of a recipe that ``fit`` trains: train or resume, then evaluate on the test set once.

Proof: tests/recipes/common/test_run_fit.py, tests/engine/test_resume.py.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import torch

from zoo.engine import distributed
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.engine.log import Log, Row
from zoo.engine.loop_options import LARGEST, LoopOptions
from zoo.engine.task import Task
from zoo.engine.unfreezing import Unfreezing
from zoo.errors import BadInput, note
from zoo.recipes.common.recipe import Recipe
from zoo.recipes.common.result import Result, commit, round_to_half


class Fittable(Recipe, Protocol):
    """A recipe with what ``fit`` needs besides."""

    @property
    def lr(self) -> float: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def options(self) -> LoopOptions: ...
    @property
    def optimizer(self) -> Callable[[Iterable[Any]], torch.optim.Optimizer]: ...
    def build(self, device: torch.device) -> Task: ...
    def rate(self, step: int) -> float: ...
    def unfreezing(self, model: Any) -> Unfreezing | None: ...


def run_fit(
    recipe: Fittable,
    folder: Path,
    device: torch.device,
    *,
    show: bool = True,
    anyway: bool = False,
    also: Callable[[Row], None] | None = None,
) -> Result:
    """As ``Recipe.run``. Under ``torchrun`` every rank calls this; rank 0 writes."""
    code, first = commit(), distributed.rank() == 0
    _check_numbers(recipe)
    task = recipe.build(device)
    unfreezing = recipe.unfreezing(task.model)
    check_first_batch(task, recipe)
    if show and first:
        for line in task.notices("train"):
            note(line)
    torch.manual_seed(recipe.seed + 1_000_003 * distributed.rank())  # dropout differs by rank
    identity = {**recipe.settings(), "seed": recipe.seed, "data_sha256": task.data.digest()}
    checkpoints = Checkpoints(folder / "checkpoints")
    log = Log(folder / "log.jsonl" if first else None, show=show and first, title=recipe.name)
    log.also = also or log.also
    if first:
        checkpoints.__enter__()
    distributed.barrier()  # if rank 0 cannot take the lock it ends, and torchrun ends the others
    try:
        outcome = fit(
            task,
            recipe.optimizer(unfreezing.groups() if unfreezing else task.model.parameters()),
            recipe.rate,
            recipe.steps,
            options=recipe.options,
            unfreezing=unfreezing,
            checkpoints=checkpoints,
            log=log,
            identity=identity,
            anyway=anyway,
        )
        if recipe.half:
            round_to_half(task.model)
        task.choose("dev")
        test = task.evaluate("test")
    except RuntimeError as error:  # out of memory: a plain RuntimeError on a CPU
        if "memory" not in str(error):
            raise
        raise BadInput(
            f"out of memory with batch_size={recipe.batch_size}; use a smaller one, with "
            "accumulate=2 or 4 to keep the same updates; the last checkpoint stays"
        ) from error
    finally:
        if first:
            checkpoints.__exit__()
    notes = _stopped_early(recipe, outcome.steps)
    return Result(task, log.rows, outcome.scores, test, outcome.seconds, code, notes)


def check_first_batch(task: Task, recipe: Fittable) -> None:
    """Compute the loss of one batch, without an update, before the run starts.

    Raises:
        BadInput: if the network does not fit the data.
    """
    try:
        task.check()
        task.model.eval()
        with torch.no_grad():
            for batch in task.batches(0):
                task.loss(batch)
                break
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, IndexError) as error:
        reason = str(error).split("\n")[0]
        raise BadInput(f"{recipe.arch} does not fit the data of {recipe.name}: {reason}") from error


def _stopped_early(recipe: Fittable, last: int) -> list[str]:
    """A remark if early stopping ended the run at step ``last``."""
    if last >= recipe.steps:
        return []
    return [
        f"stopped after step {last} of {recipe.steps}: no better on dev for "
        f"{recipe.options.patience} evaluations; the weights that were best there are kept"
    ]


def _check_numbers(recipe: Fittable) -> None:
    """Raise BadInput for numbers with which the run would fail later or train nothing."""
    if recipe.steps < 1:
        raise BadInput(f"steps must be at least 1, got {recipe.steps}")
    if not 0 <= recipe.lr <= LARGEST:
        raise BadInput(f"lr must be 0 or more and at most {LARGEST:g}, got {recipe.lr:g}")
    if abs(recipe.seed) >= 2**63:
        raise BadInput(f"seed must have less than 64 bits, got {recipe.seed}")
    try:
        for step in {*range(0, recipe.steps, recipe.steps // 1000 + 1), recipe.steps - 1}:
            if not 0 <= (rate := recipe.rate(step)) <= LARGEST:
                raise ArithmeticError(f"the learning rate of step {step} is {rate:g}")
    except (ArithmeticError, ValueError, TypeError) as error:  # TypeError: a complex number
        raise BadInput(f"this schedule cannot run for {recipe.steps} steps: {error}") from error
