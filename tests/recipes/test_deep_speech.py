"""The digits' recipes: the same run with and without a speaker; a few steps of it."""

from dataclasses import replace

import pytest
import torch

from tests.datasets.test_fsdd import archive, whole_set
from zoo.datasets import fsdd as module
from zoo.datasets.fsdd import SPEAKERS
from zoo.engine.fit import fit
from zoo.recipes.common.recipe import get_recipe


def test_a_speaker_left_out_is_all_that_differs():
    whole = get_recipe("deep_speech.fsdd").settings()
    for speaker in SPEAKERS:
        less = get_recipe(f"deep_speech.fsdd_without_{speaker}").settings()
        assert less.pop("recipe").endswith(speaker)
        assert less.pop("data") == f"fsdd(left_out={speaker})"
        assert less == {k: v for k, v in whole.items() if k not in ("recipe", "data")}


def test_only_the_whole_claims_something():
    assert get_recipe("deep_speech.fsdd").claim.paper == 3.0
    assert all(get_recipe(f"deep_speech.fsdd_without_{s}").claim.paper is None for s in SPEAKERS)


@pytest.mark.parametrize("name", ["deep_speech.fsdd", "deep_speech.fsdd_without_theo"])
def test_a_few_steps_of_the_run_lower_the_loss(tmp_path, monkeypatch, name):
    monkeypatch.setattr(module, "EACH", 9)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    archive(tmp_path / "fsdd", whole_set(9, samples=1600))
    run = replace(get_recipe(name), steps=4, batch_size=8)
    task = run.build(torch.device("cpu"))
    first = [next(iter(task.batches(0)))]
    before = sum(task.loss(batch).item() for batch in first)
    fit(task, run.optimizer(task.model.parameters()), lambda step: 0.003, run.steps)
    assert sum(task.loss(batch).item() for batch in first) < before
