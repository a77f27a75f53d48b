"""One run of a recipe for word vectors, in a folder of its own: no steps, no ``fit``.

Minutes, not hours: there are no checkpoints, and a run that is stopped leaves nothing but its log.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from zoo import files
from zoo.engine.log import Log, Row
from zoo.recipes.result import Result, commit, halve

if TYPE_CHECKING:
    from zoo.recipes.vectors_recipe import VectorsRecipe


def run_vectors(
    recipe: "VectorsRecipe",
    folder: Path,
    device: torch.device,
    *,
    show: bool = True,
    also: Callable[[Row], None] | None = None,
) -> Result:
    """Run ``recipe``; its log goes to ``folder``, a row for each epoch.

    Raises:
        Missing, BadFile, BadInput: for a corpus that cannot be read, or a setting out of range.
    """
    code, began = commit(), time.monotonic()
    log = Log(files.make_folder(folder) / "log.jsonl", show=show, title=recipe.name)
    log.also = also or log.also
    log.begin(0, recipe.steps)

    def say(epoch: int, loss: float) -> None:
        log.advance(epoch)
        log.write(epoch, loss=loss)

    try:
        task = recipe.trained(device, say)
    finally:
        log.end()
    seconds = time.monotonic() - began
    if recipe.half:
        halve(task.model)
    scores = task.evaluate()
    return Result(task, log.rows, {}, scores, seconds, code)
