"""Fields from text; every recipe trains a few steps; the claims are what the sources say."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from zoo import cards, registry
from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.engine.fit import fit
from zoo.errors import BadInput, UnknownName
from zoo.ops.boxes.objects import objects
from zoo.recipes.common.override import convert
from zoo.recipes.common.recipe import get_recipe, recipe

RECIPES = registry.index()["recipes"]
TASKS = {name: about["task"] for name, about in registry.index()["models"].items()}
NAMES = sorted(RECIPES)
PICTURES = [name for name in NAMES if TASKS[RECIPES[name]["arch"]] == "classification"]


def toy_data(shape):
    """Ten classes of noise in the shape of an input."""
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (40, *shape), generator=draw, dtype=torch.uint8)
    part = Images(pixels, torch.arange(40) % 10, tuple("0123456789"))
    levels = (0.5,) * shape[0]
    return ImageSplits("toy", "none", part, part, part, ImageFrontEnd(shape[1:], levels, levels))


SLOW = ("resnet56.cifar10", "resnet20.cifar10", "resnet20.cifar10_jpeg")  # as resnet20.fashion


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long if n in SLOW else ()) for n in PICTURES]
)
def test_smoke(name):
    """Ten steps of the real recipe on toy data lower the loss."""
    run = get_recipe(name)
    channels, side, _ = registry.entry(run.arch).input_shape
    channels, side = run.arguments.get("in_chans", channels), run.arguments.get("image_size", side)
    data = toy_data((channels, side, side))
    run = replace(run, data=lambda: data, steps=20, batch_size=20)
    task = run.build(torch.device("cpu"))
    before = sum(task.loss(batch).item() for batch in task.batches(0))
    end = fit(
        task, run.optimizer(task.model.parameters()), run.rate, run.steps, options=run.options
    )
    assert end.steps == 20
    assert sum(task.loss(batch).item() for batch in task.batches(0)) < before


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_in_its_models_file_and_says_its_settings(name):
    run = get_recipe(name)
    assert run.name == name
    assert name.startswith(f"{run.arch}.")
    settings = run.settings()
    assert settings.get("steps", settings.get("epochs")) == run.steps
    assert "lambda" not in str(settings)
    assert "object at" not in str(settings)
    model = registry.index()["models"][run.arch]["module"].replace("models", "recipes")
    module = RECIPES[name]["module"]  # of its model, or of its family: sentiment of sentiment_cnn
    assert module == model or model.startswith(f"{module}_")


def test_overrides_reach_recipe_extras_task_and_architecture():
    run = get_recipe("mlp.mnist").override(
        steps="20", lr="0.5", clip="1.5", l2="0.1", hidden_sizes="64,32", augment="flip",
        schedule="staircase:every=5", optimizer="adam", ema="none",
    )  # fmt: skip
    assert (run.steps, run.lr, run.options.clip, run.options.ema) == (20, 0.5, 1.5, None)
    assert run.arguments == {"hidden_sizes": (64, 32), "dropout": run.arguments["dropout"]}
    assert run.task.keywords["l2"] == 0.1
    assert run.rate(5) == 0.25
    assert run.optimizer.func is torch.optim.Adam
    task = replace(run, data=partial(toy_data, (1, 28, 28))).build(torch.device("cpu"))
    assert task.model.layers[0].out_features == 64
    assert get_recipe("mlp.mnist").steps != 20  # the recipe itself is as it was


def test_the_changes_of_images_with_boxes_have_names_of_their_own():
    run = get_recipe("yolov3_tiny.bccd").override(augment="mosaic")
    change, draw = run.task.keywords["augment"], torch.Generator().manual_seed(0)
    pixels, truth = torch.zeros(2, 3, 32, 32, dtype=torch.uint8), [objects([[4, 4, 20, 20]], [0])]
    _, found = change(pixels, truth * 2, draw)
    assert len(found) == 2
    with pytest.raises(UnknownName, match="no augmentation 'cutout'"):
        get_recipe("yolov3_tiny.bccd").override(augment="cutout")


@pytest.mark.parametrize(
    ("field", "text", "wanted"),
    [
        ("steps", "many", "a whole number"),
        ("steps", "2.5", "a whole number"),
        ("lr", "fast", "a number"),
        ("lr", "nan", "a number"),
        ("clip", "x", "a number or none"),
        ("compile", "maybe", "true or false"),
        ("hidden_sizes", "a,b", "numbers with commas"),
    ],
)
def test_a_wrong_type_says_what_was_expected(field, text, wanted):
    with pytest.raises(BadInput, match=f"{field} must be {wanted}.*{text}"):
        get_recipe("mlp.mnist").override(**{field: text})


@pytest.mark.parametrize(
    ("field", "near"), [("step", "steps"), ("dropuot", "dropout"), ("batchsize", "batch_size")]
)
def test_an_unknown_field_shows_the_near_names(field, near):
    with pytest.raises(UnknownName, match=near):
        get_recipe("mlp.mnist").override(**{field: "1"})


def test_an_unknown_augmentation_or_optimizer_shows_the_near_names():
    with pytest.raises(UnknownName, match="shift"):
        convert("augment", "shfit", None)
    with pytest.raises(UnknownName, match="adam"):
        convert("optimizer", "adan", None)


def test_an_unknown_recipe_shows_the_near_names():
    with pytest.raises(UnknownName, match=r"lenet5\.mnist"):
        get_recipe("lenet5.minst")


def test_a_name_is_taken_once():
    with pytest.raises(ValueError, match="twice"):
        recipe("lenet5.mnist")(lambda: None)


def test_build_depends_on_the_fields_only():
    run = replace(get_recipe("mlp.mnist"), data=partial(toy_data, (1, 28, 28)), seed=3)
    torch.manual_seed(99)
    first = run.build(torch.device("cpu")).model.state_dict()
    again = run.build(torch.device("cpu")).model.state_dict()
    other = replace(run, seed=4).build(torch.device("cpu")).model.state_dict()
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert not torch.equal(first["output.weight"], other["output.weight"])


def test_the_published_number_of_the_digits_is_scikit_learns():
    """The example's classifier on the example's split: 28 of 899 wrong."""
    x, y = load_digits(return_X_y=True)
    half = len(x) // 2
    error = 100 * (SVC(gamma=0.001).fit(x[:half], y[:half]).predict(x[half:]) != y[half:]).mean()
    assert get_recipe("lenet5.digits").claim.paper == round(error, 1) == 3.1


def test_the_paper_run_of_resnet20_is_to_the_letter():
    """He et al. 2015, sec. 4.2."""
    run = get_recipe("resnet20.cifar10")
    assert [run.rate(step) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)] == [
        pytest.approx(rate) for rate in (0.1, 0.1, 0.01, 0.01, 0.001, 0.001)
    ]
    assert (run.steps, run.batch_size, run.claim.paper) == (64_000, 128, 8.75)
    model = torch.nn.Linear(1, 1)
    group = run.optimizer(model.parameters()).param_groups[0]
    assert (group["momentum"], group["weight_decay"], group["nesterov"]) == (0.9, 1e-4, False)
    assert run.settings()["data"] == "cifar10(mean_picture=True)"
    assert registry.build(run.arch, **run.arguments).layer2[0].shortcut.extra == 16  # option A
    crop = run.task.keywords["augment"](torch.ones(64, 3, 32, 32, dtype=torch.uint8),
                                        torch.Generator().manual_seed(0))  # fmt: skip
    assert crop.shape == (64, 3, 32, 32)
    assert crop.float().mean(0)[0, 0, 0] < 0.9  # zeros come in from a frame of four


def test_the_claim_of_the_transfer_arm_is_the_other_arms_mean():
    card = cards.card("lenet5.digits_100_scratch")
    claim = get_recipe("lenet5.digits_100").claim
    assert claim.paper == pytest.approx(card.mean, abs=0.005)
    one, other = (get_recipe(n).settings() for n in ("lenet5.digits_100", card.name))
    assert {k for k in one.keys() | other.keys() if one.get(k) != other.get(k)} == {
        "recipe", "start"
    }  # fmt: skip
