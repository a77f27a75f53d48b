"""Options of the loop that make no sense are refused where they are made."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
import torch

from tests.helpers import toy
from zoo import registry
from zoo.engine import distributed
from zoo.engine.between_steps import Bookkeeping
from zoo.engine.checkpoint_contents import State
from zoo.engine.fit import fit
from zoo.engine.interrupt import Request
from zoo.engine.log import Log
from zoo.engine.loop_options import LoopOptions
from zoo.errors import BadInput, NotFinite, UnknownName
from zoo.metrics.localization import MEASURES
from zoo.recipes.common.recipe import get_recipe

SCORES = {"f1": "higher", "error": "lower", "odd": ""}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"accumulate": 10**9}, "accumulate must be at most 100,000, got 1,000,000,000"),
        ({"accumulate": 0}, "accumulate must be at least 1, got 0"),
        ({"log_every": 0}, "log_every must be at least 1"),
        ({"save_every": -1}, "save_every must be at least 1"),
        ({"evaluate_every": 0}, "evaluate_every must be at least 1, got 0"),
        ({"patience": 0, "evaluate_every": 1}, "patience must be at least 1"),
        ({"patience": 3}, "patience counts evaluations: set evaluate_every too"),
        ({"clip": 0.0}, "clip must be above 0 and at most 3.4e.38, got 0"),
        ({"clip": float("inf")}, "clip must be above 0"),
        ({"clip": float("nan")}, "clip must be above 0"),
        ({"clip_value": 1e308}, "clip_value must be above 0 and at most 3.4e.38, got 1e.308"),
        ({"clip_value": -1.0}, "clip_value must be above 0"),
        ({"ema": 1.0}, "ema must lie between 0 and 1, got 1"),
        ({"ema": float("nan")}, "ema must lie between 0 and 1"),
        ({"better": "best"}, "better must be lower or higher, got 'best'"),
        ({"precision": "float8"}, "precision must be float32 or bfloat16, got 'float8'"),
    ],
)
def test_a_number_out_of_range_is_refused(given, said):
    with pytest.raises(BadInput, match=said):
        LoopOptions(**given)


def test_options_at_the_ends_of_their_ranges():
    given = {"clip": 3.4e38, "clip_value": 1e-30, "ema": 0.5, "accumulate": 10**5, "patience": 1}
    given |= {"evaluate_every": 1, "log_every": 1, "save_every": 1, "better": "higher"}
    assert vars(LoopOptions(**given)) == vars(LoopOptions()) | given


def test_a_score_that_is_not_there_or_the_other_way_round_is_refused():
    options = LoopOptions(patience=1, evaluate_every=1, watch="f1", better="higher")
    options.check_watch(SCORES)
    replace(options, watch="odd", better="lower").check_watch(SCORES)  # its direction is not known
    LoopOptions(watch="f1").check_watch(SCORES)  # nothing is chosen by it
    with pytest.raises(UnknownName, match="no score to watch 'zzz'; there is error, f1, odd"):
        replace(options, watch="zzz").check_watch(SCORES)
    with pytest.raises(BadInput, match="watch=f1 is better when higher: set better=higher"):
        replace(options, better="lower").check_watch(SCORES)


@pytest.mark.parametrize("known", [True, False])
def test_an_unknown_score_is_refused_before_the_first_step(known, monkeypatch):
    task, made = toy.task(), []
    monkeypatch.setattr(type(task), "loss", lambda *given: made.append(1))
    if not known:  # a task that does not state them is evaluated once
        monkeypatch.setattr(type(task), "scores", {})
    options = LoopOptions(watch="bleu")
    with pytest.raises(UnknownName, match="no score to watch 'bleu'; .* balanced_error, error"):
        fit(task, torch.optim.SGD(task.model.parameters()), lambda step: 0.01, 2, options=options)
    assert made == []


def fit_recipes():
    for name in registry.index()["recipes"]:
        recipe = get_recipe(name)
        if "options" in vars(recipe):  # those of word vectors have none
            yield name, recipe


def test_every_recipe_watches_a_score_of_its_task_in_the_direction_of_its_claim():
    """A trigger word watches the mean of three miss rates, which varies less than the claim's."""
    other = {}
    for name, recipe in fit_recipes():
        kind = recipe.task.func if isinstance(recipe.task, partial) else recipe.task
        like = SimpleNamespace(
            data=SimpleNamespace(level="characters"), _measure=MEASURES["box"], pairs=()
        )  # what the scores of a language model, a localizer, and image features depend on
        scores = kind.scores.fget(like)
        recipe.options.check_watch(scores)
        assert recipe.options.better == recipe.claim.better == scores[recipe.claim.metric], name
        assert scores[recipe.options.watch] == recipe.options.better, name
        if recipe.options.patience and recipe.options.watch != recipe.claim.metric:
            other[name] = recipe.options.watch
    assert other == {"trigger_word.alexa": "mean_miss_rate"}


@pytest.mark.parametrize(
    ("own", "others", "first"),
    [(7, [-1], 7), (7, [3], 3), (-1, [5, 9], 5), (3, [7], 3), (-1, [-1], None)],
)
def test_of_several_ranks_the_smallest_first_bad_step_counts(own, others, first, monkeypatch):
    """Ranks that saw no bad step (-1) say the number of steps, which is no step."""
    steps = 20
    said = [-(n if n >= 0 else steps) for n in others]  # as every rank computes it
    monkeypatch.setattr(distributed, "largest", lambda number, device: max([number, *said]))
    monkeypatch.setattr(distributed, "world", lambda: 1)
    task = toy.task()
    state = State(task.model, torch.optim.SGD(task.model.parameters()), None, torch.zeros(()))
    state.first_not_finite.fill_(own)
    state.steps_since_row = 1
    book = Bookkeeping(task, state, LoopOptions(), steps, Log(), None, {}, Request(), 0.0)
    if first is None:
        book._row(0.1, evaluate=False)
    else:
        with pytest.raises(NotFinite, match=f"at step {first};"):
            book._row(0.1, evaluate=False)
