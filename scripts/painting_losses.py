"""The losses of pictures of the same photographs: left alone, painted in one pass, optimised.

python scripts/painting_losses.py fast_style.the_scream [--photographs 3] [--steps 160]

The photographs are the first of the test set of the weights' recipe, their middle 256 x 256 pixels.
``zoo stylize``'s optimisation (its own steps, levels and weights) has the same features and the
same painting. The losses are the scores of the task ``style_transfer``: style 1 is the photograph,
0 the painting's statistics; content 0 is the photograph. Notes: course 4, week 4.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from zoo import cards
from zoo.data.image.styled_photographs import StyledPhotographs
from zoo.errors import BadInput
from zoo.losses.style import convention
from zoo.pretrained.create import from_card
from zoo.recipes.common.recipe import Recipe, get_recipe
from zoo.tasks.style_transfer import StyleTransferTask
from zoo.trainers.style.objective import Terms
from zoo.trainers.style.run import Settings
from zoo.trainers.style.run import run as optimise

HEAD = ("pictures", "style", "content", "objective", "CPU seconds each")
LEFT, ONE_PASS, OPTIMISED = "the photographs", "one pass", "optimised"
SMOOTH = 10.0  # weight of total variation and of values out of range, as zoo stylize has it


@dataclass(frozen=True)
class Row:
    """Mean losses of some pictures, and the processor's seconds for each."""

    what: str
    style: float
    content: float
    objective: float
    seconds: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        losses = (self.style, self.content, self.objective)
        return (self.what, *(f"{one:.3f}" for one in losses), f"{self.seconds:.2f}")


def rows(weights: str, photographs: int = 3, steps: int = 160) -> Iterator[Row]:
    """Score the pictures of each way.

    Args:
        weights: of a recipe of the task style_transfer.
        photographs: how many.
        steps: of the optimisation.

    Raises:
        BadInput: for weights of another task, or no photograph or step.
        Missing: if the photographs or the painting are not there.
    """
    if photographs < 1 or steps < 1:
        raise BadInput(f"photographs and steps must be 1 or more, got {photographs} and {steps}")
    card = cards.card(weights)
    task = task_of(get_recipe(card.recipe), from_card(card), photographs)
    yield scored(task, LEFT, lambda photograph: photograph)
    yield scored(task, ONE_PASS, task.painted)
    yield scored(task, OPTIMISED, optimiser(task, steps))


def task_of(recipe: Recipe, model: Any, photographs: int) -> StyleTransferTask:
    """The task that scores, with so many photographs as its test set.

    Raises:
        BadInput: for a recipe of another task.
    """
    measured: Any = recipe.measure(model, None)
    if not isinstance(measured, StyleTransferTask):
        raise BadInput(f"{recipe.name} does not paint; expected weights of style_transfer")
    whole = measured.data.photographs
    few = replace(whole, test=whole.test.pick(range(min(photographs, len(whole.test)))))
    data = StyledPhotographs(few, measured.data.style, measured.data.style_name)
    return replace(measured, data=data)


def scored(task: StyleTransferTask, what: str, paint: Callable[[Tensor], Tensor]) -> Row:
    """The row of one way to make pictures."""
    spent = 0.0

    def timed(photograph: Tensor) -> Tensor:
        nonlocal spent
        began = time.process_time()
        picture = paint(photograph)
        spent += time.process_time() - began
        return picture

    found = task.score(timed, "test")
    count = len(task.data.parts()["test"])
    return Row(what, found["style"], found["content"], found["objective"], spent / count)


def optimiser(task: StyleTransferTask, steps: int) -> Callable[[Tensor], Tensor]:
    """L-BFGS on the pixels, with the terms and weights of ``zoo stylize``."""
    network = task.compared_by
    how = convention(network.convention)
    terms = Terms(
        how.name,
        network.content_layers,
        network.style_layers,
        how.content_weight,
        how.style_weight,
        SMOOTH,
        SMOOTH,
    )
    style = task.data.style[None].float() / 255

    def paint(photograph: Tensor) -> Tensor:
        with torch.enable_grad():
            made = optimise(network, terms, photograph, [style], [1.0], Settings(steps=steps))
        return made.picture

    return paint


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights")
    parser.add_argument("--photographs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=160)
    given = parser.parse_args()
    print("  ".join(HEAD))
    for row in rows(given.weights, given.photographs, given.steps):
        print("  ".join(row.cells()), flush=True)
