"""The recipes of triplets: their fields, and a few steps on Olivetti if it is there."""

import pytest

from zoo.data.root import data_folder
from zoo.recipes.facenet_small import facenet_small_olivetti, facenet_small_omniglot


def test_every_choice_is_a_field():
    changed = facenet_small_omniglot().override(
        objective="batch_hard", margin="0.5", images="8", grouped="0", batch_size="64", steps="9"
    )
    task = changed.settings()["task"]
    assert task | {"augment": ""} == {
        **{"images": 8, "augment": "", "objective": "batch_hard", "margin": 0.5, "grouped": 0.0}
    }
    assert changed.settings()["batch_size"] == 64


def test_the_yardstick_is_stated():
    claim = facenet_small_omniglot().claim
    assert (claim.metric, claim.paper, claim.within) == ("one_shot_error", 8.0, 4.0)
    assert facenet_small_olivetti().claim.metric == "eer"


@pytest.mark.skipif(
    not (data_folder() / "olivetti" / "faces.npz").is_file(), reason="Olivetti is not there"
)
def test_a_step_on_olivetti(tmp_path):
    import torch

    recipe = facenet_small_olivetti().override(steps="1", evaluate_every="1")
    result = recipe.run(tmp_path, torch.device("cpu"), show=False)
    assert 0 <= result.test["eer"] <= 60
