"""The table of speakers left out: trained once, then only measured again."""

from dataclasses import replace

import pytest

from tests.datasets.test_fsdd import archive, whole_set
from zoo.bench.speakers import HEAD, Row, mean, measure
from zoo.datasets import fsdd as module
from zoo.recipes.common.recipe import get_recipe


def test_a_speaker_is_trained_once_and_then_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "EACH", 9)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    archive(tmp_path / "fsdd", whole_set(9, samples=1600))
    recipe = get_recipe("deep_speech.fsdd_without_theo")
    recipe = replace(recipe, steps=2, batch_size=4).override(hidden_size="8", channels="2")
    row = measure("theo", recipe, tmp_path / "runs")
    assert row.words == 90
    assert row.wer > 0
    log = tmp_path / "runs" / recipe.name / "log.jsonl"
    before = log.read_text()
    assert measure("theo", recipe, tmp_path / "runs") == row
    assert log.read_text() == before  # no step more
    assert len(row.cells()) == len(HEAD)


def test_the_mean_is_over_speakers():
    both = mean([Row("a", 10, 20.0, 4.0, 1.0), Row("b", 10, 40.0, 6.0, 3.0)])
    assert both == Row("mean", 20, 30.0, 5.0, 2.0)
    assert both.cells() == ["mean", "20", "30.00", "5.00", "2.00"]


@pytest.mark.parametrize("name", ["george", "theo"])
def test_there_is_a_recipe_for_each(name):
    assert get_recipe(f"deep_speech.fsdd_without_{name}").seeds == 1
