"""Cards that vote together, and weights whose recipe is not there."""

import pytest
import torch

import zoo
from tests.helpers.small_weights import change_card
from zoo.errors import BadInput
from zoo.reproduce.measure import cards_of, evaluation_task

pytestmark = pytest.mark.usefixtures("undrawn")

CPU = torch.device("cpu")


def test_a_plus_parts_names_but_not_the_name_of_a_folder(tmp_path, monkeypatch):
    assert [card.name for card in cards_of("lenet5.digits+lenet5.digits")] == ["lenet5.digits"] * 2
    folder = tmp_path / "a+b"
    zoo.train("lenet5.digits", out=folder, steps=1)
    assert [card.name for card in cards_of(folder)] == ["lenet5.digits"]


def test_weights_of_an_unknown_recipe_want_data(tmp_path):
    zoo.train("lenet5.digits", out=tmp_path, steps=1)
    change_card(tmp_path / "lenet5.digits.json", recipe="lenet5.mine")
    with pytest.raises(BadInput, match="was not trained by a recipe: add --data PATH"):
        evaluation_task(cards_of(tmp_path), CPU)


def test_an_ensemble_is_the_mean_of_its_networks():
    one = evaluation_task(cards_of("lenet5.digits"), CPU)
    both = evaluation_task(cards_of("lenet5.digits+lenet5.digits"), CPU)
    assert both.evaluate("dev") == pytest.approx(one.evaluate("dev"))
