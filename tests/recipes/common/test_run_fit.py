"""One run: what is refused before the first step, what is chosen after the last."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from tests.helpers import toy
from zoo.errors import BadInput
from zoo.recipes.common.recipe import get_recipe

CPU = torch.device("cpu")


class Choosing(toy.ClassificationTask):
    """A task that notes when it is asked to choose and to score."""

    calls: list  # shared by all: a recipe builds its task itself

    def choose(self, split="dev"):
        self.calls.append(("choose", split))

    def evaluate(self, split="dev"):
        self.calls.append(("evaluate", split))
        return super().evaluate(split)


def recipe(**changes):
    fields = {"steps": "2", "image_size": "8", "hidden_sizes": "9"}
    run = get_recipe("mlp.mnist").override(**fields)
    run = replace(run, arguments={**run.arguments, "num_classes": 4}, data=toy.splits)
    return replace(run, batch_size=16, **changes)


def test_choosing_is_one_step_between_dev_and_test(tmp_path):
    Choosing.calls = []
    recipe(task=partial(Choosing)).run(tmp_path, CPU, show=False)
    assert Choosing.calls[-2:] == [("choose", "dev"), ("evaluate", "test")]
    assert Choosing.calls.count(("choose", "dev")) == 1


def test_measuring_again_chooses_again():
    Choosing.calls = []
    run = recipe(task=partial(Choosing))
    task = run.measure(run.build(CPU).model, None)
    assert Choosing.calls == [("choose", "dev")]
    assert 0 <= task.evaluate("test")["error"] <= 100


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"num_classes": 7}, "num_classes=7, but quadrants has 4 classes"),
        ({"num_classes": 4, "image_size": 9}, "mlp does not fit the data of mlp.mnist"),
    ],
)
def test_a_network_that_does_not_fit_is_refused_before_anything_is_written(
    arguments, text, tmp_path
):
    run = recipe()
    run = replace(run, arguments={**run.arguments, **arguments})
    with pytest.raises(BadInput, match=text):
        run.run(tmp_path / "run", CPU, show=False)
    assert not (tmp_path / "run").exists()


def test_the_same_run_with_another_seed_is_another_run():
    run = recipe()
    other = run.with_seed(5)
    assert (other.seed, other.settings()) == (5, run.settings())
    one, two = run.build(CPU).model, other.build(CPU).model
    assert not toy.same(toy.weights(one), toy.weights(two))
