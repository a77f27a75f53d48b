"""``zoo train ARCH --data PATH`` and ``zoo finetune WEIGHTS``: which recipe for which data.

A task's file here is found by the task's word and has the three functions of ``OwnData``.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from torch import nn

from zoo import cards, registry
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.task import Evaluable
from zoo.errors import BadInput
from zoo.recipes.common.recipe import Recipe

Load = Callable[[], tuple[nn.Module, Vocabulary | None]]


class OwnData(Protocol):
    """A file zoo/recipes/own/TASK.py."""

    def own_recipe(self, arch: str, data: Path, texts: dict[str, str]) -> Recipe:
        """Train ``arch`` from fresh weights on the user's data.

        Args:
            data: a folder or a file.
            texts: fields to change.
        """

    def finetune_recipe(self, weights: str, data: Path, texts: dict[str, str]) -> Recipe:
        """Go on from weights on the user's data, with a new head where the classes are others."""

    def evaluation(self, card: cards.Card, load: Load, data: Path) -> Evaluable:
        """What measures the network of a card on the user's data: their test part, or all.

        Args:
            load: gives the network, on its device, and the vocabulary of the weights file; data
                that cannot be used should be refused before, for the weights may be a download.
        """


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> Recipe:
    """Train ``arch`` from fresh weights on the user's data."""
    return for_task(registry.entry(arch).task, arch).own_recipe(arch, data, texts)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> Recipe:
    """Go on from weights on the user's data."""
    return for_task(cards.card(weights).task, weights).finetune_recipe(weights, data, texts)


def for_task(task: str, name: str) -> OwnData:
    """The file of a task.

    Raises:
        BadInput: if it has none; the message begins with ``name``.
    """
    module = f"zoo.recipes.own.{task}"
    if not task.isidentifier() or find_spec(module) is None:
        raise BadInput(f"{name} is for the task {task}, which takes no data of yours")
    return cast(OwnData, import_module(module))
