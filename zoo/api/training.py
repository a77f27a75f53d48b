"""Train, fine-tune, reproduce: from a name and data to a card, weights and figures.

>>> import zoo
>>> run = zoo.train("lenet5.digits", steps=100)  # doctest: +SKIP
>>> zoo.load(run.folder)("digit.png")  # doctest: +SKIP

Proof: tests/api/test_training.py.
"""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo import files, registry
from zoo.cards import Card
from zoo.engine import distributed
from zoo.engine.tensorboard import tensorboard as tensorboard_writer
from zoo.errors import BadInput
from zoo.loading import choose_device
from zoo.nn.plain_torch import plain_torch
from zoo.recipes.common.recipe import Recipe, get_recipe
from zoo.recipes.common.result import Result
from zoo.recipes.own.find import finetune_recipe, own_recipe
from zoo.reproduce.card import write_card
from zoo.reproduce.clear_run import clear_run, refuse_other_weights
from zoo.viz.curves import learning_curve


@dataclass(frozen=True)
class Trained:
    """A finished run; ``zoo.load(run.folder)`` uses its weights."""

    card: Card
    folder: Path  # with the card, the weights, the log and figures
    scores: dict[str, float]  # on the test set
    report: str  # a summary of the predictions on the test set
    notes: list[str]  # remarks on how the run ended
    notices: list[str]  # what was read of the data, left out and assumed
    example: str  # an input to try the weights with

    @property
    def command(self) -> str:
        """A command line that predicts from ``example``; it works as it stands, in a shell.

        The folder is given as a path, since a bare name would mean shipped weights of that name;
        where it holds other runs' cards too, this run's card is.
        """
        cards = [path for path in self.folder.glob("*.json") if path.stem != self.card.name]
        run = str(self.folder / f"{self.card.name}.json" if cards else self.folder)
        run = run if os.sep in run else f".{os.sep}{run}"
        words = [run, *(["--"] if self.example.startswith("-") else []), self.example]
        return f"zoo predict {shlex.join(words)}"


@plain_torch()
def train(
    name: str,
    data: str | Path | None = None,
    *,
    out: str | Path | None = None,
    device: str = "auto",
    fresh: bool = False,
    anyway: bool = False,
    show: bool = False,
    tensorboard: bool = False,
    skip_bad: bool = False,
    **fields: Any,
) -> Trained:
    """Run one seed of a recipe, or train an architecture on the user's data.

    Args:
        name: a recipe (``"lenet5.mnist"``), or with ``data`` an architecture (``"lenet5"``).
        data: a folder or a file, in the format of the architecture's task.
        out: the folder to write to; by default ``runs/NAME``. An interrupted run is resumed.
        fresh: start again, removing an earlier run in ``out``.
        anyway: resume although settings differ.
        show: print a progress bar, and notices on the data, to standard error.
        tensorboard: also write TensorBoard files (extra ``tensorboard``).
        skip_bad: leave out what cannot be used of the user's data, such as damaged files, and list
            it among the notices; else it is an error that names all of it.
        fields: fields of the recipe to change: ``steps=200, lr=0.01``.

    Raises:
        UnknownName, BadInput, Missing, BadFile: for a name, a value or data that cannot be used.
        Interrupted: after Ctrl-C, once a checkpoint is written.
    """
    if not isinstance(name, str):
        kind = type(name).__name__
        raise BadInput(f"zoo.train takes the name of a recipe or architecture, got {kind}")
    texts = as_texts(fields | ({"skip_bad": True} if skip_bad else {}))
    if data is None and skip_bad:
        raise BadInput("skip_bad leaves out what is bad of your data: add --data PATH")
    if data is not None:
        recipe = own_recipe(name, Path(data), texts)
    elif "." in name:
        recipe = get_recipe(name).override(**texts)
    else:
        registry.refuse_untrained(name)  # raises UnknownName for an unknown architecture
        raise BadInput(f"{name} needs data (--data PATH), or a recipe: {name}.TAG")
    return _trained(recipe, out, device, fresh, anyway, show, tensorboard)


@plain_torch()
def finetune(
    weights: str | Path,
    data: str | Path,
    *,
    out: str | Path | None = None,
    device: str = "auto",
    fresh: bool = False,
    anyway: bool = False,
    show: bool = False,
    tensorboard: bool = False,
    skip_bad: bool = False,
    **fields: Any,
) -> Trained:
    """Fine-tune weights on the user's data; further arguments and errors as of ``train``.

    Args:
        weights: a name (``"lenet5.mnist"``), the folder of a run, or an architecture, which means
            its default weights.
        fields: fields of the recipe to change, ``freeze=2`` and ``probe=True`` among them.
    """
    texts = as_texts(fields | ({"skip_bad": True} if skip_bad else {}))
    if registry.weights_meant(weights) != weights:
        weights = registry.taken(weights).name
    recipe = finetune_recipe(str(weights), Path(data), texts)
    return _trained(recipe, out, device, fresh, anyway, show, tensorboard)


@plain_torch()
def reproduce(
    name: str,
    *,
    seeds: int | None = None,
    out: str | Path | None = None,
    device: str = "auto",
    fresh: bool = False,
    anyway: bool = False,
    show: bool = False,
    **fields: Any,
) -> Trained:
    """Train every seed of a recipe; ``card.met`` is whether the published number is reached.

    Args:
        seeds: number of seeds, from the recipe's first on; by default that of the recipe.
    """
    recipe = get_recipe(name).override(**as_texts(fields))
    if seeds is not None and seeds < 1:
        raise BadInput(f"seeds must be at least 1, got {seeds}")
    folder, torch_device = _folder(out, recipe), choose_device(device)
    files.refuse_odd_entries(folder)
    if fresh:
        clear_run(folder, recipe.name)
    refuse_other_weights(recipe, folder, anyway=anyway)
    all_seeds = list(range(recipe.seed, recipe.seed + (seeds or recipe.seeds)))
    results = []
    for seed in all_seeds:
        if show:
            print(f"{recipe.name}: seed {seed}, {recipe.steps} steps", file=sys.stderr)
        run = recipe.with_seed(seed)
        results.append(run.run(folder / f"seed-{seed}", torch_device, show=show, anyway=anyway))
    return _finished(recipe, all_seeds, results, folder)


def as_texts(fields: dict[str, Any]) -> dict[str, str]:
    """Values as they would be typed after ``field=``.

    >>> as_texts({"steps": 200, "hidden_sizes": (300, 100), "clip": None, "probe": True})
    {'steps': '200', 'hidden_sizes': '300,100', 'clip': 'none', 'probe': 'true'}
    """
    return {name: _text(value) for name, value in fields.items()}


def _text(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ",".join(map(_text, value))
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _folder(out: str | Path | None, recipe: Recipe) -> Path:
    """Where a run is written; an empty name, as of an unset variable, is none."""
    if out == "":
        raise BadInput(f"out is empty; name a folder, or leave it out for runs/{recipe.name}")
    return Path(out or f"runs/{recipe.name}")


def _trained(
    recipe: Recipe,
    out: str | Path | None,
    device: str,
    fresh: bool,
    anyway: bool,
    show: bool,
    tensorboard: bool,
) -> Trained:
    """Train and write card, weights and figures; under torchrun every rank returns the same."""
    folder = _folder(out, recipe)
    files.refuse_odd_entries(folder)
    with distributed.process_group():
        first = distributed.rank() == 0
        if fresh and first:
            clear_run(folder, recipe.name)
        distributed.barrier()
        refuse_other_weights(recipe, folder, anyway=anyway)
        also = tensorboard_writer(folder) if tensorboard and first else None
        result = recipe.run(folder, choose_device(device), show=show, anyway=anyway, also=also)
        run = _finished(recipe, [recipe.seed], [result], folder) if first else None
        return distributed.from_first(run)


def _finished(recipe: Recipe, seeds: list[int], results: list[Result], folder: Path) -> Trained:
    """Write card, weights and figures of one or more seeds; report and scores are the first's."""
    card = write_card(recipe, seeds, results, folder)
    names = [f"seed {seed}" if len(seeds) > 1 else recipe.name for seed in seeds]
    curves = {name: result.rows for name, result in zip(names, results, strict=True)}
    learning_curve(curves, folder / "curve.png", of=card)
    first = results[0]
    report, example = first.task.report(folder, recipe.name), first.task.example(folder)
    notices = first.task.notices("train")
    return Trained(card, folder, first.test, report, first.notes, notices, example)
