"""A new task is four new files and nothing else: no table knows of it, and every verb does.

The files are written to a temporary folder that joins the packages' paths: tasks/, predictors/,
recipes/own/ and data/own/, each named by the task's word. The word is made up here; the network is
a line through points.
"""

import importlib
import json
import sys

import pytest
from torch import nn

import zoo.data.own
import zoo.predictors
import zoo.recipes.own
import zoo.tasks
from tests.cli.test_finetune import zoo_says
from zoo import registry
from zoo.cli.main import main

WORD = "line_fitting"
FILES = {
    zoo.data.own: '''"""Points of the user: a CSV of x,y."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from zoo.data.examples import digest

FORM = "points in a CSV of x,y"


@dataclass(frozen=True)
class Points:
    name: str
    xy: torch.Tensor  # (N, 2)
    licence: str = "the user's data"
    notices: tuple[str, ...] = ()
    only: str = ""

    def parts(self):
        if self.only:
            return {self.only: self.xy}
        return {"train": self.xy[::2], "dev": self.xy[1::4], "test": self.xy[3::4]}

    def digest(self):
        return hashlib.sha256(self.xy.numpy().tobytes()).hexdigest()

    def about(self):
        return {}

    def examples(self):
        return {k: [(digest(str(row.tolist())),) for row in v] for k, v in self.parts().items()}


def points(path: Path) -> Points:
    rows = list(csv.reader(path.read_text().splitlines()))[1:]
    return Points(path.stem, torch.tensor([[float(v) for v in row] for row in rows]))
''',
    zoo.tasks: '''"""Fit a line to points."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from zoo.engine.task import Task
from zoo.practice.mistakes import TextMistakes


@dataclass
class LineFittingTask(Task):
    model: Any
    data: Any
    batch_size: int = 4
    seed: int = 0
    units: ClassVar = {"rmse": "units"}

    def __post_init__(self):
        self.device = next(self.model.parameters()).device

    def batches(self, epoch, start=0):
        yield from self.data.parts()["train"].split(self.batch_size)[start:]

    def residuals(self, xy):
        return (self.model(xy[:, :1]) - xy[:, 1:])[:, 0]

    def loss(self, batch):
        return self.residuals(batch).square().mean()

    @torch.no_grad()
    def evaluate(self, split="dev"):
        return {"rmse": float(self.residuals(self.data.parts()[split]).square().mean().sqrt())}

    def card_facts(self):
        return {"task": "line_fitting", "front_end": {}, "classes": []}

    def report(self, folder, title):
        return f"{title}: a line"

    @torch.no_grad()
    def mistakes(self, split="test"):
        part = self.data.parts()[split]
        worst = self.residuals(part).abs().argsort(descending=True)
        return TextMistakes(tuple(f"at x = {float(part[i, 0]):g}" for i in worst))

    def example(self, folder):
        return "1.5"
''',
    zoo.predictors: '''"""x in, y out."""

from dataclasses import dataclass
from typing import Any

import torch

from zoo.errors import BadInput
from zoo.options import option
from zoo.predictors.predictor import Answer, Predictor


@dataclass(frozen=True)
class Options:
    digits: int = option(2, "digits behind the point")


@dataclass(frozen=True)
class Fitted(Answer):
    y: float
    digits: int

    def __str__(self):
        return f"y = {self.y:.{self.digits}f}"

    def to_json(self):
        return {"y": self.y}


class LinePredictor(Predictor[Options]):
    def __init__(self, model, digits):
        self.model, self.digits = model.eval(), digits
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(cls, card, model, vocabulary, options):
        return cls(model, options.digits)

    def __call__(self, raw: Any) -> Any:
        if isinstance(raw, list | tuple):
            return [self(one) for one in raw]
        try:
            return Fitted(float(self.output_of(raw)), self.digits)
        except ValueError as error:
            raise BadInput(f"x must be a number, got {raw!r}") from error

    def vector_input(self):
        return "0.5"

    @torch.no_grad()
    def output_of(self, text):
        return self.model(torch.tensor([[float(text)]]))[0]


PREDICTOR = LinePredictor
''',
    zoo.recipes.own: '''"""A line through the user's points."""

from dataclasses import replace
from functools import partial

import torch

from zoo import cards
from zoo.data.own.line_fitting import points
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.own.common import loop_options, run_length, run_name
from zoo.recipes.common.recipe import Claim
from zoo.recipes.own.choice import Measurable
from zoo.tasks.line_fitting import LineFittingTask


def own_recipe(arch, data, texts):
    points(data)
    steps = run_length(200, texts, minimum=1, maximum=200)
    return FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        data=partial(points, data),
        task=LineFittingTask,
        optimizer=partial(torch.optim.SGD, lr=0.0),
        lr=0.1,
        batch_size=4,
        steps=steps,
        seeds=1,
        options=loop_options(steps, "rmse"),
        claim=Claim("rmse", paper=None, within=0.0, source="your data", unit="units"),
    ).override(**texts)


def finetune_recipe(weights, data, texts):
    recipe = own_recipe(cards.card(weights).arch, data, texts)
    return recipe


def evaluation(card, load, data, wanted):
    xy = points(data)
    choice = wanted.choose_part(data, xy.examples(), "points")
    part = replace(xy, only=choice.split, xy=xy.parts().get(choice.split, xy.xy))
    return Measurable(LineFittingTask(load()[0], part), choice)
''',
}


@pytest.fixture
def task(tmp_path, monkeypatch):
    """The four files on the packages' paths, and an architecture for the task."""
    before, entries = set(sys.modules), dict(registry._ENTRIES)
    for package, text in FILES.items():
        folder = tmp_path / package.__name__.replace(".", "_")
        folder.mkdir()
        (folder / f"{WORD}.py").write_text(text)
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    importlib.invalidate_caches()

    @registry.register(
        "straight_line", paper="none", task=WORD, input_shape=(1,), stem="weight", head=""
    )
    def straight_line() -> nn.Module:
        """y = a x + b."""
        return nn.Linear(1, 1)

    yield
    registry._ENTRIES.clear()
    registry._ENTRIES.update(entries)
    for name in set(sys.modules) - before:
        if name.endswith(f".{WORD}"):
            del sys.modules[name]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "slope.csv"
    path.write_text("x,y\n" + "".join(f"{x / 10},{2 * x / 10 + 1}\n" for x in range(-20, 20)))
    return path


def test_every_verb_knows_it(task, table, tmp_path):
    run = tmp_path / "run"
    code, out, err = zoo_says("train", "straight_line", "--data", table, "--out", run)
    assert code == 0, err
    assert "straight_line.slope: a line" in out
    assert "rmse" in out

    code, out, err = zoo_says("predict", run, "3", "-1.5", "--digits", "1")
    assert (code, out.splitlines()) == (0, ["3: y = 7.0", "-1.5: y = -2.0"]), err
    code, out, _ = zoo_says("predict", run, "3", "--json")
    assert json.loads(out)[0]["y"] == pytest.approx(7, abs=0.05)

    code, out, err = zoo_says("evaluate", run, "--data", table, "--mistakes", tmp_path / "m.txt")
    assert code == 0, err
    assert out.startswith("straight_line.slope on slope test (10), held out in training: rmse 0.0")
    assert (tmp_path / "m.txt").read_text().count("at x = ") == 10

    code, out, err = zoo_says("finetune", run, "--data", table, "steps=3", "--out", tmp_path / "2")
    assert code == 0, err


def test_what_it_cannot_do_is_refused_in_one_line(task, table, tmp_path):
    run = tmp_path / "run"
    zoo_says("train", "straight_line", "--data", table, "--out", run, "steps=2")
    for words, expected in [
        (("export", run, "--format", "onnx"), f"is for the task {WORD}"),
        (("predict", run, "three"), "x must be a number, got 'three'"),
        (("predict", run, "3", "--digits", "many"), "digits"),
        (("evaluate", run, "--data", table, "--crops", "10"), "has no option crops; it has digits"),
        (("evaluate", f"{run}", "--data", table, "--split", "holdout"), "holdout"),
        (("train", "straight_line"), "needs data (--data PATH)"),
        (("train", "straight_line", "--data", table, "stpes=3"), "steps"),
    ]:
        code, _, err = zoo_says(*words)
        assert code == 2, words
        assert expected in err, words


def test_help_shows_its_options_and_the_form_of_its_data(task, table, tmp_path, capsys):
    run = tmp_path / "run"
    zoo_says("train", "straight_line", "--data", table, "--out", run, "steps=2")
    for words, shown, hidden in [
        (("predict", run, "--help"), "--digits", "--beam"),
        (("train", "straight_line", "--help"), "points in a CSV of x,y", "pictures"),
        (("evaluate", run, "--help"), "points in a CSV of x,y", "pictures"),
    ]:
        with pytest.raises(SystemExit):
            main([str(word) for word in words])
        out = " ".join(capsys.readouterr().out.split())
        assert shown in out, (words, out)
        assert hidden not in out, words
