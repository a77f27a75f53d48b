"""A recipe that ``fit`` trains: model, data, task, optimizer, schedule, the loop's options.

Any field can be set from a command line as ``field=value``. Proof: tests/recipes/test_recipes.py.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo import cards, registry
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.log import Row
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import Schedule, constant
from zoo.engine.seed import seed_everything
from zoo.engine.task import Task
from zoo.engine.unfreezing import Tuning, Unfreezing
from zoo.errors import unknown
from zoo.pretrained.create import from_card
from zoo.recipes.common.describe import describe, listed
from zoo.recipes.common.override import OPTIMIZERS, convert
from zoo.recipes.common.recipe import Claim
from zoo.recipes.common.result import Result
from zoo.recipes.common.run_fit import run_fit

Optimizer = Callable[[Iterable[Any]], torch.optim.Optimizer]  # of parameters, or groups of them
OPEN = ("optimizer", "lr", "schedule", "batch_size", "steps", "seed")  # settable from text
SET_HERE = ("model", "data", "batch_size", "seed", "objective")  # of the task: the recipe's affair


@dataclass(frozen=True)
class FitRecipe:
    """One reproducible run."""

    name: str
    arch: str
    data: Callable[[], Any]  # called when the run starts
    task: Callable[..., Task]  # model=, data=, batch_size=, seed= -> Task
    claim: Claim
    arguments: dict[str, Any] = field(default_factory=dict)  # of the architecture
    optimizer: Optimizer = OPTIMIZERS["momentum"]
    lr: float = 0.1  # times the schedule
    schedule: Schedule = field(default_factory=constant)
    batch_size: int = 128
    steps: int = 1000
    seed: int = 0
    seeds: int = 3  # how many `zoo reproduce` runs
    options: LoopOptions = field(default_factory=LoopOptions)
    start: str | None = None  # weights to go on from, with a new head, instead of fresh ones
    begin: "Callable[[FitRecipe], nn.Module] | None" = None  # how, if in another way
    half: bool = False  # ship in half precision: the test is of weights rounded to that
    tuning: Tuning | None = None  # which blocks learn when; None: all of them alike

    def rate(self, step: int) -> float:
        """Learning rate of update ``step``."""
        return self.lr * self.schedule(step, self.steps)

    def build(self, device: torch.device) -> Task:
        """The task with fresh weights, on ``device``. Depends on the fields only."""
        seed_everything(self.seed)
        if self.begin:
            model: Any = self.begin(self).to(device)
        elif self.start:
            model = from_card(cards.card(self.start), **self.arguments)
            model.reset_classifier(self.arguments["num_classes"])  # even for as many classes
            model.to(device)
        else:
            model = registry.build(self.arch, **self.arguments).to(device)
        return self.task(model=model, data=self.data(), batch_size=self.batch_size, seed=self.seed)

    def unfreezing(self, model: Any) -> Unfreezing | None:
        """What ``fit`` asks which blocks of ``model`` learn, if ``tuning`` says that some do not.

        Raises:
            BadInput: for more frozen blocks than there are, and the like.
        """
        return Unfreezing(model.blocks(), self.tuning, self.steps) if self.tuning else None

    def run(
        self,
        folder: Path,
        device: torch.device,
        *,
        show: bool = True,
        anyway: bool = False,
        also: Callable[[Row], None] | None = None,
    ) -> Result:
        """As ``Recipe.run``."""
        return run_fit(self, folder, device, show=show, anyway=anyway, also=also)

    def measure(self, model: nn.Module, vocabulary: Vocabulary | None) -> Task:
        """The task with trained weights; what is chosen on dev is chosen there again."""
        task = self.task(model=model, data=self.data(), batch_size=self.batch_size, seed=0)
        task.choose("dev")
        return task

    def with_seed(self, seed: int) -> "FitRecipe":
        """The same run with another seed."""
        return replace(self, seed=seed)

    def override(self, **texts: str) -> "FitRecipe":
        """The same recipe with fields set from text: ``steps="200"``, ``dropout="0.5"``.

        A name is looked for among the recipe's own fields, those of ``LoopOptions`` (clip, ema,
        ...) and ``Tuning`` (freeze, layer_decay, ...), the task's (augment, l2) and the
        architecture's arguments, in this order.

        Raises:
            UnknownName: for a field that does not exist, with the near names.
            BadInput: for text that is not of the field's type.
        """
        new = self
        for name, text in texts.items():
            new = new._override(name, text)
        return new

    def _override(self, name: str, text: str) -> "FitRecipe":
        own = {f.name: f.type for f in fields(self) if f.name in OPEN}
        options = {f.name: f.type for f in fields(LoopOptions)}
        tuning = {f.name: f.type for f in fields(Tuning)}
        kind = self.task.func if isinstance(self.task, partial) else self.task
        takes = {f.name: f.type for f in fields(kind) if f.name not in SET_HERE}  # type: ignore
        builder = inspect.signature(registry.entry(self.arch).build).parameters
        if name in own:
            return replace(self, **{name: convert(name, text, own[name])})
        if name in options:
            value = {name: convert(name, text, options[name])}
            return replace(self, options=replace(self.options, **value))
        if name in tuning:
            value = {name: convert(name, text, tuning[name])}
            return replace(self, tuning=replace(self.tuning or Tuning(), **value))
        if name in takes:
            return replace(
                self, task=partial(self.task, **{name: convert(name, text, takes[name])})
            )
        if name in builder:
            value = {name: convert(name, text, builder[name].annotation)}
            return replace(self, arguments={**self.arguments, **value})
        raise unknown("field", name, [*own, *options, *tuning, *takes, *builder])

    def settings(self) -> dict[str, Any]:
        """What a card and a checkpoint record of it, as JSON holds it."""
        task = self.task.keywords if isinstance(self.task, partial) else {}
        kept = {f.name: getattr(self.options, f.name) for f in fields(LoopOptions)}
        return {
            "recipe": self.name,
            **({"start": self.start} if self.start else {}),
            "arch": self.arch,
            "arguments": {k: listed(v) for k, v in self.arguments.items()},
            "data": describe(self.data),
            "task": {k: describe(v) for k, v in task.items()},
            "optimizer": describe(self.optimizer),
            "lr": self.lr,
            "schedule": describe(self.schedule),
            "batch_size": self.batch_size,
            "steps": self.steps,
            **({"half": True} if self.half else {}),
            **({"tuning": asdict(self.tuning)} if self.tuning else {}),
            **{k: v for k, v in kept.items() if v != getattr(LoopOptions(), k)},
        }
