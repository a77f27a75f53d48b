"""Recipes for the user's folder: fresh weights, and going on from shipped ones."""

from dataclasses import replace

import pytest
import torch
from PIL import Image

import zoo
from tests.helpers.marks import long_if
from zoo import registry
from zoo.data.own.image_list import ImageList
from zoo.errors import BadInput, UnknownName
from zoo.recipes.common.describe import describe
from zoo.recipes.common.recipe import get_recipe
from zoo.recipes.own.classification import finetune_recipe, own_recipe
from zoo.recipes.own.gradual import LOWEST, count_blocks


@pytest.fixture
def tones(tmp_path):
    """Ten classes of one grey each, so that there are as many classes as in MNIST."""
    for label in range(10):
        (tmp_path / f"tone {label}").mkdir()
        for number in range(4):
            picture = Image.new("RGB", (20, 20), (25 * label,) * 3)
            picture.putpixel((0, 0), (number,) * 3)
            picture.save(tmp_path / f"tone {label}" / f"{number}.png")
    return tmp_path


def test_channels_and_size_reach_network_and_front_end(tones):
    task = own_recipe("mlp", tones, {"in_chans": "3", "image_size": "16"}).build(
        torch.device("cpu")
    )
    assert task.data.train.pixels.shape[1:] == (3, 16, 16)
    assert task.model.layers[0].in_features == 3 * 16 * 16
    assert torch.isfinite(task.loss(next(iter(task.batches(0)))))


@pytest.mark.parametrize("text", ["0", "-3", "²", "big", "2"])
def test_a_size_or_channels_that_cannot_be_is_one_line(tones, text):
    field = "in_chans" if text == "2" else "image_size"
    with pytest.raises(BadInput, match=r"in_chans must be 1 .grey. or 3|size must be"):
        own_recipe("mlp", tones, {field: text})


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


@pytest.mark.parametrize(
    "arch", [long_if(n == "resnet1202", n) for n in registry.list_models(task="classification")]
)
def test_the_blocks_of_every_network_are_counted_without_making_weights(tones, arch):
    """Also that first blocks learn at a tenth of the head's rate, however many blocks there are."""
    run = replace(own_recipe("mlp", tones, {}), arch=arch, arguments={"num_classes": 7})
    blocks = count_blocks(run)
    if arch == "lenet5":
        assert blocks == 5
    assert blocks == 1 or finetuned_scale(blocks) == pytest.approx(0.1, rel=1e-2)


def finetuned_scale(blocks):
    """What the rounding of ``layer_decay`` leaves of the tenth."""
    return round(LOWEST ** (1 / (blocks - 1)), 6) ** (blocks - 1)


def test_the_run_is_as_long_as_the_set_is_large(tones, monkeypatch):
    lengths = []
    for size in (10, 2000, 10**6):
        monkeypatch.setattr(ImageList, "size", size)
        run = finetune_recipe("lenet5.mnist", tones, {})
        lengths.append(run.steps)
        assert run.options.evaluate_every * 20 == pytest.approx(run.steps, rel=0.1)
    assert lengths == [500, 1250, 10_000]


def test_rounds_follow_the_steps_that_are_asked_for(tones):
    run = finetune_recipe("lenet5.mnist", tones, {"steps": "4000"})
    assert (run.steps, run.options.evaluate_every, run.options.patience) == (4000, 200, 10)
    assert finetune_recipe("lenet5.mnist", tones, {"steps": "3"}).options.evaluate_every == 1


def test_writing_is_not_mirrored_but_colour_is(tones):
    grey = finetune_recipe("lenet5.mnist", tones, {}).settings()["task"]["augment"]
    colour = own_recipe("mlp", tones, {"in_chans": "3"}).settings()["task"]["augment"]
    assert "flip" not in grey
    assert "flip" in colour


def test_freezing_more_than_there_is_fails_before_a_picture_is_read(tones):
    with pytest.raises(BadInput, match="freeze=5: the network has 5 blocks"):
        finetune_recipe("lenet5.mnist", tones, {"freeze": "5"})
    with pytest.raises(BadInput, match="layer_decay must be above 0"):
        finetune_recipe("lenet5.mnist", tones, {"layer_decay": "0"})


def test_what_is_chained_is_told_by_name():
    """An address in the settings would make every resumed run another run."""
    run = get_recipe("mlp.mnist").override(augment="crop_flip")
    assert run.settings()["task"]["augment"] == "chain(steps=(shift(most=4), flip))"
    assert describe((1, 2)) == (1, 2)


def test_a_plan_may_be_given_to_any_recipe_and_is_recorded_only_then():
    run = get_recipe("mlp.mnist")
    assert run.tuning is None
    assert "tuning" not in run.settings()
    assert run.override(freeze="1").settings()["tuning"]["freeze"] == 1
