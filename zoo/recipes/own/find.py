"""The recipe behind ``zoo train ARCH --data PATH`` and ``zoo finetune WEIGHTS``.

Each task has a module here under its name, with the three functions of ``OwnData``.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from torch import nn

from zoo import cards, registry
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput
from zoo.recipes.common.recipe import Recipe
from zoo.recipes.own.choice import Measurable, Wanted

Load = Callable[[], tuple[nn.Module, Vocabulary | None]]


class OwnData(Protocol):
    """A module zoo/recipes/own/TASK.py."""

    def own_recipe(self, arch: str, data: Path, texts: dict[str, str]) -> Recipe:
        """Train ``arch`` from scratch on the user's data.

        Args:
            data: a folder or a file.
            texts: fields to change.
        """

    def finetune_recipe(self, weights: str, data: Path, texts: dict[str, str]) -> Recipe:
        """Fine-tune weights on the user's data, with a new head if the classes differ."""

    def evaluation(self, card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
        """The task that evaluates weights on the part of the user's data that ``wanted`` chooses.

        Its data have this one part only, under its name. Data that cannot be used are refused
        before the weights are loaded, which may have to be downloaded.

        Args:
            load: returns the network, on its device, and the vocabulary of the weights file.

        Raises:
            UnknownName: if there is no such part.
        """


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> Recipe:
    """Train ``arch`` from scratch on the user's data.

    Raises:
        BadInput: for an architecture that is not trained here.
    """
    registry.refuse_untrained(arch)
    return for_task(registry.entry(arch).task, arch).own_recipe(arch, data, texts)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> Recipe:
    """Fine-tune weights on the user's data.

    Raises:
        BadInput: for an architecture that is not trained here.
    """
    card = cards.card(weights)
    registry.refuse_untrained(card.arch)
    return for_task(card.task, weights).finetune_recipe(weights, data, texts)


def for_task(task: str, name: str) -> OwnData:
    """The module of a task.

    Raises:
        BadInput: if there is none; the message begins with ``name``.
    """
    module = f"zoo.recipes.own.{task}"
    if not task.isidentifier() or find_spec(module) is None:
        raise BadInput(f"{name} is for the task {task}, which takes no data of yours")
    return cast(OwnData, import_module(module))
