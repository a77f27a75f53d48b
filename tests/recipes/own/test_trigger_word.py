"""A user's folder for a trigger word: from recipe to card and back, refusals."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from tests.data.audio.test_trigger_recordings import sound
from tests.data.own.test_trigger_word import own_folder
from zoo import cards
from zoo.cards import Card
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.read import write
from zoo.errors import BadInput, Missing
from zoo.recipes.own import trigger_word as own
from zoo.recipes.own.choice import Wanted
from zoo.reproduce.card import write_card
from zoo.tasks.trigger_word import TriggerWordTask

TINY = {
    **{
        "steps": "2",
        "batch_size": "2",
        "seconds": "1.5",
        "negative_hours": "0.017",
        "repeats": "1",
    },
    **{"channels": "8", "hidden_size": "8"},
}


@pytest.fixture
def folder(tmp_path):
    """Words, other words and a room, all of them tones."""
    return own_folder(tmp_path / "my-word")


def test_a_folder_of_ones_own_from_recipe_to_card_and_back(folder, tmp_path):
    recipe = own.own_recipe("trigger_word", folder, TINY)
    assert (recipe.name, recipe.steps, recipe.claim.paper) == ("trigger_word.my-word", 2, None)
    out = tmp_path / "run"
    result = recipe.run(out, torch.device("cpu"), show=False)
    assert 0 <= result.test["miss_rate"] <= 100
    card = write_card(recipe, [0], [result], out)
    assert 0 < card.front_end["threshold"] <= 1
    assert card.classes == ["word"]
    assert "train: 00.wav to 07.wav (8 clips)" in card.notes
    text = result.task.report(out, recipe.name)
    assert "for at most ... false alarms per hour on dev" in text
    assert (out / "detection_error.png").is_file()

    weights = str(out / f"{card.name}.json")
    again = own.finetune_recipe(weights, folder, {**TINY, "steps": "3"})
    again = again.override(lr="0.001")
    assert (again.steps, again.lr) == (3, 0.001)
    old, new = result.task.model, again.build(torch.device("cpu")).model
    for ours, theirs in zip(old.parameters(), new.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-3)  # shipped in half precision
    task, _ = own.evaluation(cards.card(weights), lambda: (old, None), folder, Wanted("x"))
    assert task.threshold == card.front_end["threshold"]
    assert task.front_end == result.task.front_end


def test_weights_from_before_levelling_go_on_as_they_were_made(folder, tmp_path):
    fixed = LogMel(mean=-2.5, std=4.4)
    recipe = own.own_recipe("trigger_word", folder, TINY)
    assert recipe.build(torch.device("cpu")).front_end.levelling == "running"
    old = replace(recipe, task=partial(recipe.task, front_end=fixed))
    result = old.run(tmp_path / "run", torch.device("cpu"), show=False)
    card = write_card(old, [0], [result], tmp_path / "run")
    assert LogMel.from_card(card.settings["task"]["front_end"]) == fixed
    weights = str(tmp_path / "run" / f"{card.name}.json")
    again = own.finetune_recipe(weights, folder, TINY).build(torch.device("cpu"))
    assert again.front_end == fixed
    task = recipe.measure(result.task.model, None)  # the recipe levels, the weights' card does not
    before = task.held_out("dev").negative
    task.read_as(card.front_end)
    assert task.front_end == fixed
    assert task.evaluate("dev") == result.task.evaluate("dev")
    assert not torch.allclose(task.held_out("dev").negative, before, atol=0.1)


def test_what_is_wrong_with_a_folder_is_said_before_anything_is_trained(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Missing, match="no folder word"):
        own.own_recipe("trigger_word", tmp_path / "empty", {})
    for name in ("00.wav", "01.wav"):
        (folder / "word" / name).unlink()
    with pytest.raises(BadInput, match="word has 10 sound files"):
        own.own_recipe("trigger_word", folder, {})
    with pytest.raises(BadInput, match="trigger_word_course takes no data of yours"):
        own.own_recipe("trigger_word_course", folder, {})


def test_evaluation_takes_the_front_end_of_the_card(folder):
    write(folder / "background" / "more.wav", sound("", 1.0).wave, 16_000)
    front_end = {**TriggerWordTask.front_end.to_card(), "threshold": 0.7, "refractory": 1.0}
    card = replace(_card(), front_end={**front_end, "mean": -1.0})
    task, choice = own.evaluation(card, lambda: (torch.nn.Linear(1, 1), None), folder, Wanted("x"))
    assert (choice.split, task.splits()) == ("all", {"all": 12})
    assert (task.front_end.mean, task.threshold) == (-1.0, 0.7)


def _card():
    values = {"name": "trigger_word.x", "arch": "trigger_word", "task": "trigger_word"}
    kinds = Card.__dataclass_fields__
    blank = {name: None for name in kinds if name not in values}
    return Card(**values, **blank)
