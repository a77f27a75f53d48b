"""Recipes for a folder of one's own: fresh weights, and going on from shipped ones."""

import pytest
import torch
from PIL import Image

import zoo
from zoo.errors import BadInput, UnknownName
from zoo.recipes.folder import finetune_recipe, folder_recipe


@pytest.fixture
def tones(tmp_path):
    """Ten classes of one grey each, so that there are as many classes as in MNIST."""
    for label in range(10):
        (tmp_path / f"tone {label}").mkdir()
        for number in range(4):
            picture = Image.new("RGB", (20, 20), (25 * label, 25 * label, number))
            picture.save(tmp_path / f"tone {label}" / f"{number}.png")
    return tmp_path


def test_channels_and_size_reach_network_and_front_end(tones):
    task = folder_recipe("mlp", tones, {"in_chans": "3", "size": "16"}).build(torch.device("cpu"))
    assert task.data.train.pixels.shape[1:] == (3, 16, 16)
    assert task.model.layers[0].in_features == 3 * 16 * 16
    assert torch.isfinite(task.loss(next(iter(task.batches(0)))))


@pytest.mark.parametrize("text", ["0", "-3", "²", "big", "2"])
def test_a_size_or_channels_that_cannot_be_is_one_line(tones, text):
    field = "in_chans" if text == "2" else "size"
    with pytest.raises(BadInput, match=r"mean and std|size must be"):
        folder_recipe("mlp", tones, {field: text})


def test_finetune_has_a_new_head_even_for_as_many_classes(tones):
    recipe = finetune_recipe("lenet5.mnist", tones, {})
    model = recipe.build(torch.device("cpu")).model
    shipped = zoo.create_model("lenet5.mnist")
    assert torch.equal(model.c1.weight, shipped.c1.weight)
    assert not torch.equal(model.output.weight, shipped.output.weight)
    assert model.output.weight.shape == shipped.output.weight.shape


def test_finetune_in_colour(tones):
    recipe = finetune_recipe("lenet5.mnist", tones, {"in_chans": "3"})
    task = recipe.build(torch.device("cpu"))
    assert task.data.train.pixels.shape[1:] == (3, 32, 32)
    assert torch.isfinite(task.loss(next(iter(task.batches(0)))))


def test_a_wrong_field_shows_the_near_names(tones):
    with pytest.raises(UnknownName, match="steps"):
        finetune_recipe("lenet5.mnist", tones, {"setps": "3"})
