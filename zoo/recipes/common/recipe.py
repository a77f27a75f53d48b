"""A recipe: everything one run needs, and the number it must reach.

A recipe is a function that returns a ``Recipe``; ``@recipe("lenet5.mnist")`` gives it a name, the
name of the weights it makes. There are two kinds, ``FitRecipe`` and ``VectorsRecipe``; whoever has
a recipe asks for no more than this contract.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import torch
from torch import nn

from zoo import registry
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.log import Row
from zoo.engine.task import Evaluable
from zoo.errors import unknown
from zoo.recipes.common.result import Result


@dataclass(frozen=True)
class Claim:
    """A published number and how near we must come to it."""

    metric: str
    paper: float | None
    within: float  # how far on the wrong side of the paper's number is still a success
    source: str  # "Fig. 9"
    unit: str = "%"  # "" for a plain number
    better: Literal["lower", "higher"] = "lower"


class Recipe(Protocol):
    """One reproducible run."""

    @property
    def name(self) -> str:
        """ARCH.TAG, that of the weights."""

    @property
    def arch(self) -> str: ...

    @property
    def claim(self) -> Claim: ...

    @property
    def seed(self) -> int: ...

    @property
    def seeds(self) -> int:
        """How many ``zoo reproduce`` runs, from ``seed`` on."""

    @property
    def steps(self) -> int:
        """Updates, or passes over a corpus: what the progress bar counts."""

    @property
    def half(self) -> bool:
        """Whether the weights ship in half precision; the test is of weights rounded to that."""

    def settings(self) -> dict[str, Any]:
        """What a card and a checkpoint record of it, as JSON holds it."""

    def override(self, **texts: str) -> "Recipe":
        """The same recipe with fields set from text: ``steps="200"``, ``dropout="0.5"``.

        Raises:
            UnknownName: for a field that does not exist, with the near names.
            BadInput: for text that is not of the field's type.
        """

    def with_seed(self, seed: int) -> "Recipe":
        """The same run with another seed."""

    def run(
        self,
        folder: Path,
        device: torch.device,
        *,
        show: bool = True,
        anyway: bool = False,
        also: Callable[[Row], None] | None = None,
    ) -> Result:
        """Train in ``folder``; if it was stopped there, go on from its last checkpoint.

        Args:
            show: a progress bar, and notices on the data, on standard error.
            anyway: go on although settings differ from those of the checkpoint.
            also: called with each row of the log, besides the file.

        Raises:
            BadInput: if a number is out of range, the network does not fit the data, or the folder
                holds another run.
            Busy: if another process is training there.
            Interrupted: after Ctrl-C or SIGTERM, when a checkpoint is written.
        """

    def measure(self, model: nn.Module, vocabulary: Vocabulary | None) -> Evaluable:
        """What gives the score of trained weights on the recipe's data again."""


Make = TypeVar("Make", bound=Callable[[], Recipe])
_RECIPES: dict[str, Callable[[], Recipe]] = {}


def recipe(name: str) -> Callable[[Make], Make]:
    """Add the decorated function to the recipes under ``name``."""

    def add(make: Make) -> Make:
        if name in _RECIPES:
            raise ValueError(f"recipe {name!r} is registered twice")
        _RECIPES[name] = make
        return make

    return add


def get_recipe(name: str) -> Recipe:
    """The recipe of that name; imports the file that holds it.

    Raises:
        UnknownName: with the near names.
    """
    known = registry.index()["recipes"]
    if name not in _RECIPES and name in known:
        import_module(known[name]["module"])
    if name not in _RECIPES:
        raise unknown("recipe", name, {*known, *_RECIPES})
    return _RECIPES[name]()
