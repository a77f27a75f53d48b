"""A recipe: all settings of one training run, and the published number to reach.

A recipe is a function that returns a ``Recipe``; ``@recipe("lenet5.mnist")`` registers it under the
name of the weights that it trains. ``FitRecipe`` and ``VectorsRecipe`` implement the contract, and
callers use nothing beyond it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import torch
from torch import nn

from zoo import registry
from zoo.data.examples import Examples
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.log import Row
from zoo.engine.task import Evaluable
from zoo.errors import unknown
from zoo.recipes.common.result import Result


@dataclass(frozen=True)
class Claim:
    """A published number, and the tolerance within which a run reaches it."""

    metric: str
    paper: float | None
    within: float  # tolerance: how much worse than the paper's number still meets the claim
    source: str  # "Fig. 9"
    unit: str = "%"  # "" for a plain number
    better: Literal["lower", "higher"] = "lower"


class Recipe(Protocol):
    """One reproducible run."""

    @property
    def name(self) -> str:
        """ARCH.TAG, the name of the weights."""

    @property
    def arch(self) -> str: ...

    @property
    def claim(self) -> Claim: ...

    @property
    def seed(self) -> int: ...

    @property
    def seeds(self) -> int:
        """Number of seeds that ``zoo reproduce`` runs, from ``seed`` on."""

    @property
    def steps(self) -> int:
        """Number of updates, or of epochs over a corpus: what the progress bar counts."""

    @property
    def half(self) -> bool:
        """Whether the weights ship in half precision; they are rounded before the test."""

    def settings(self) -> dict[str, Any]:
        """The settings that a card and a checkpoint record, as plain JSON values."""

    def override(self, **texts: str) -> "Recipe":
        """The same recipe with fields set from text: ``steps="200"``, ``dropout="0.5"``.

        Raises:
            UnknownName: for a field that does not exist; near names are given.
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
        """Train in ``folder``; an interrupted run is resumed from its last checkpoint.

        Args:
            show: print a progress bar, and notices on the data, to standard error.
            anyway: resume although settings differ from those of the checkpoint.
            also: called with each row of the log, in addition to writing it to the file.

        Raises:
            BadInput: if a number is out of range, the network does not fit the data, or the folder
                holds another run.
            Busy: if another process is training there.
            Interrupted: after Ctrl-C or SIGTERM, once a checkpoint is written.
        """

    def examples(self) -> Examples:
        """Digests of the examples of its data, by part; {} where nothing is measured on such.

        Raises:
            Missing, BadFile: if the data are not there.
        """

    def measure(self, model: nn.Module, vocabulary: Vocabulary | None) -> Evaluable:
        """The task that evaluates trained weights on the recipe's data."""


Make = TypeVar("Make", bound=Callable[[], Recipe])
_RECIPES: dict[str, Callable[[], Recipe]] = {}


def recipe(name: str) -> Callable[[Make], Make]:
    """Register the decorated function as the recipe ``name``."""

    def add(make: Make) -> Make:
        if name in _RECIPES:
            raise ValueError(f"recipe {name!r} is registered twice")
        _RECIPES[name] = make
        return make

    return add


def get_recipe(name: str) -> Recipe:
    """The recipe of that name; imports only the module that defines it.

    Raises:
        UnknownName: if there is none; near names are given.
    """
    known = registry.index()["recipes"]
    if name not in _RECIPES and name in known:
        import_module(known[name]["module"])
    if name not in _RECIPES:
        raise unknown("recipe", name, {*known, *_RECIPES})
    return _RECIPES[name]()
