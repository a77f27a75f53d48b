"""A recipe that ``fit`` trains: model, data, task, optimizer, schedule, the loop's options.

Any field can be set from a command line as ``field=value``. Proof: tests/recipes/test_recipes.py.
"""

import inspect
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo import cards, registry
from zoo.data.examples import Examples
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.log import Row
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import Schedule, constant
from zoo.engine.seed import seed_everything
from zoo.engine.task import Task
from zoo.engine.unfreezing import Tuning, Unfreezing
from zoo.errors import unknown
from zoo.pretrained.create import from_card
from zoo.recipes.common.describe import as_lists, describe
from zoo.recipes.common.optimizers import OPTIMIZERS
from zoo.recipes.common.override import convert
from zoo.recipes.common.recipe import Claim
from zoo.recipes.common.record import seen_by
from zoo.recipes.common.result import Result
from zoo.recipes.common.run_fit import run_fit

Optimizer = Callable[[Iterable[Any]], torch.optim.Optimizer]  # of parameters, or groups of them
Follow = Callable[[dict[str, Any], Collection[str]], dict[str, Any]]  # arguments, fields set
OPEN = ("optimizer", "lr", "schedule", "batch_size", "steps", "seed")  # settable from text
SET_HERE = (
    "model",
    "data",
    "batch_size",
    "seed",
    "objective",
    "decoder",
)  # fields of the task set here


@dataclass(frozen=True)
class FitRecipe:
    """One reproducible run of ``fit``."""

    name: str
    arch: str
    data: Callable[[], Any]  # called when the run starts
    task: Callable[..., Task]  # model=, data=, batch_size=, seed= -> Task
    claim: Claim
    arguments: dict[str, Any] = field(default_factory=dict)  # of the architecture
    optimizer: Optimizer = OPTIMIZERS["momentum"]
    lr: float = 0.1  # multiplied by the schedule
    schedule: Schedule = field(default_factory=constant)
    batch_size: int = 128
    steps: int = 1000
    seed: int = 0
    seeds: int = 3  # number of seeds that `zoo reproduce` runs
    options: LoopOptions = field(default_factory=LoopOptions)
    start: str | None = None  # pretrained weights to start from, with a new head
    make_model: "Callable[[FitRecipe], nn.Module] | None" = None  # the network, if built otherwise
    init: dict[str, Any] = field(default_factory=dict)  # what it begins with then, plain
    half: bool = False  # ship in half precision; the weights are rounded before the test
    tuning: Tuning | None = None  # which blocks are trained when; None: all of them throughout
    follow: Follow | None = None  # sets arguments that follow from those that were set

    def rate(self, step: int) -> float:
        """Learning rate of update ``step``."""
        return self.lr * self.schedule(step, self.steps)

    def build(self, device: torch.device) -> Task:
        """The task with the initial weights, on ``device``. Depends on the fields only."""
        seed_everything(self.seed)
        if self.make_model:
            model: Any = self.make_model(self).to(device)
        elif self.start:
            model = from_card(cards.card(self.start), **self.arguments)
            model.reset_classifier(self.arguments["num_classes"])  # even for the same number
            model.to(device)
        else:
            model = registry.build(self.arch, **self.arguments).to(device)
        return self.task(model=model, data=self.data(), batch_size=self.batch_size, seed=self.seed)

    def unfreezing(self, model: Any) -> Unfreezing | None:
        """Which blocks of ``model`` are trained at which step; None without ``tuning``.

        Raises:
            BadInput: for values of ``tuning`` that do not suit the network's blocks.
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
        """As ``Recipe.run``; a remark says which of dev and test ``start`` was trained on."""
        result = run_fit(self, folder, device, show=show, anyway=anyway, also=also)
        seen = seen_by(self.start, result.task.data.examples()) if self.start else []
        return replace(result, notes=[*result.notes, *seen])

    def examples(self) -> Examples:
        """As ``Recipe.examples``."""
        examples: Examples = self.data().examples()
        return examples

    def measure(self, model: nn.Module, vocabulary: Vocabulary | None) -> Task:
        """The task with trained weights; what is chosen on dev (a threshold) is chosen again."""
        task = self.task(model=model, data=self.data(), batch_size=self.batch_size, seed=0)
        task.choose("dev")
        return task

    def with_seed(self, seed: int) -> "FitRecipe":
        """The same run with another seed."""
        return replace(self, seed=seed)

    def override(self, **texts: str) -> "FitRecipe":
        """The same recipe with fields set from text: ``steps="200"``, ``dropout="0.5"``.

        A name is looked up among the fields of the recipe, those of ``LoopOptions`` (clip, ema,
        ...) and ``Tuning`` (freeze, layer_decay, ...), the task's (augment, l2) and the
        architecture's arguments, in this order.

        Raises:
            UnknownName: for a field that does not exist; near names are given.
            BadInput: for text that is not of the field's type.
        """
        new, options = self, {f.name: f.type for f in fields(LoopOptions)}
        for name, text in texts.items():
            if name not in options:
                new = new._override(name, text)
        # together: what one of them needs, another may set
        changed = {n: convert(n, texts[n], options[n]) for n in texts if n in options}
        new = replace(new, options=replace(new.options, **changed)) if changed else new
        follow = new.follow
        return replace(new, arguments=follow(new.arguments, texts)) if follow else new

    def _override(self, name: str, text: str) -> "FitRecipe":
        own = {f.name: f.type for f in fields(self) if f.name in OPEN}
        options = {f.name: f.type for f in fields(LoopOptions)}
        tuning = {f.name: f.type for f in fields(Tuning)}
        task_class = self.task.func if isinstance(self.task, partial) else self.task
        of_task = {
            f.name: f.type
            for f in fields(task_class)  # type: ignore[arg-type]
            if f.name not in SET_HERE or (f.name == "objective" and f.type is str)
        }
        builder = inspect.signature(registry.entry(self.arch).build).parameters
        if name in own:
            return replace(self, **{name: convert(name, text, own[name])})
        if name in tuning:
            value = {name: convert(name, text, tuning[name])}
            return replace(self, tuning=replace(self.tuning or Tuning(), **value))
        if name in of_task:
            value = {name: convert(name, text, of_task[name])}
            return replace(self, task=partial(self.task, **value))
        if name in builder:
            value = {name: convert(name, text, builder[name].annotation)}
            return replace(self, arguments={**self.arguments, **value})
        raise unknown("field", name, [*own, *options, *tuning, *of_task, *builder])

    def settings(self) -> dict[str, Any]:
        """The settings that a card and a checkpoint record, as plain JSON values."""
        task = self.task.keywords if isinstance(self.task, partial) else {}
        options = {f.name: getattr(self.options, f.name) for f in fields(LoopOptions)}
        return {
            "recipe": self.name,
            **({"start": self.start} if self.start else {}),
            **({"init": self.init} if self.init else {}),
            "arch": self.arch,
            "arguments": {k: as_lists(v) for k, v in self.arguments.items()},
            "data": describe(self.data),
            "task": {k: describe(v) for k, v in task.items()},
            "optimizer": describe(self.optimizer),
            "lr": self.lr,
            "schedule": describe(self.schedule),
            "batch_size": self.batch_size,
            "steps": self.steps,
            **({"half": True} if self.half else {}),
            **({"tuning": asdict(self.tuning)} if self.tuning else {}),
            **{k: v for k, v in options.items() if v != getattr(LoopOptions(), k)},
        }
