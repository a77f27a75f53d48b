"""Training a network that paints: losses by hand, their two ends, batches, a run that learns."""

from functools import partial

import pytest
import torch

from tests.helpers.features import TwoLayers, two_layers
from tests.helpers.photographs import photographs, splits
from zoo import registry
from zoo.data.image.styled_photographs import StyledPhotographs
from zoo.engine.loop_options import LoopOptions
from zoo.errors import BadInput
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import OPTIMIZERS
from zoo.recipes.common.recipe import Claim
from zoo.tasks import style_transfer
from zoo.tasks.style_transfer import StyleTransferTask


@pytest.fixture(autouse=True)
def small_views(monkeypatch):
    monkeypatch.setattr(style_transfer, "VIEW", 48)


def data():
    return StyledPhotographs(splits(), photographs(1, seed=9).images[0], "blobs")


def made(**fields):
    torch.manual_seed(0)
    given = {"features": two_layers, "batch_size": 2, "crop": 32, **fields}
    return StyleTransferTask(registry.build("fast_style"), data(), **given)


def moments(maps):
    """The second moments of [features; 1], written out position by position."""
    flat = torch.cat([maps.flatten(1), torch.ones(1, maps[0].numel())])
    return sum(torch.outer(v, v) for v in flat.T) / flat.shape[1]


def by_hand(picture, photograph, task):
    """Style and content of one picture, each in the unit that the photographs of train are."""
    net = TwoLayers()
    style = task.data.style[None].float() / 255
    wanted = {k: moments(v[0]) for k, v in net.extract(style).items()}
    views = task.data.photographs.train.squares(48).float() / 255
    found, before = net.extract(picture[None]), net.extract(photograph[None])
    total = 0.0
    for name in net.style_layers:
        size = len(wanted[name])

        def loss(maps, name=name, size=size):
            return (moments(maps) - wanted[name]).square().sum() / size**2

        unit = sum(loss(net.extract(one[None])[name][0]) for one in views) / len(views)
        total += loss(found[name][0]) / unit / len(net.style_layers)
    spread = net.extract(views)["coarse"].var((2, 3), correction=0).mean()
    return total, (found["coarse"] - before["coarse"]).square().mean() / spread


def test_the_losses_are_those_written_out_by_hand():
    task = made()
    photograph, picture = (photographs(1, seed=s, least=40, most=40).images[0] for s in (3, 4))
    photograph, picture = photograph.float() / 255, picture.float() / 255
    with torch.no_grad():
        found = task.losses(picture[None], photograph[None])
        style, content = by_hand(picture, photograph, task)
    assert float(found.style) == pytest.approx(float(style), rel=1e-3)
    assert float(found.content) == pytest.approx(float(content), rel=1e-3)
    steps = [picture.diff(dim=axis).square().mean() for axis in (1, 2)]
    assert float(found.roughness) == pytest.approx(float(sum(steps)), rel=1e-4)
    assert float(found.outside) == 0


def test_the_ends_of_the_scores():
    """Photographs of train as they are: style 1, content 0. The style itself: style 0."""
    task = made()
    untouched = task.score(lambda photograph: photograph, "train")
    assert untouched["style"] == pytest.approx(1, rel=1e-3)
    assert untouched["content"] == 0
    style = task.data.style[None].float() / 255
    with torch.no_grad():
        assert float(task.losses(style, style).style) < 1e-6
    assert set(untouched) == set(task.scores)


def test_the_loss_is_the_weighted_sum():
    task = made(style_weight=2.0, content_weight=0.5, variation_weight=3.0)
    batch = next(iter(task.batches(0)))
    with torch.no_grad():
        found = task.losses(task.model(batch), batch)
        expected = 2 * found.style + 0.5 * found.content + 3 * found.roughness + found.outside
        assert torch.allclose(task.loss(batch), expected)


def test_batches_depend_on_seed_and_epoch_only():
    again = list(made().batches(3))
    for a, b in zip(made().batches(3), again, strict=True):
        assert torch.equal(a, b)
    assert torch.equal(next(iter(made().batches(3, start=1))), again[1])
    assert not torch.equal(next(iter(made().batches(4))), again[0])


def test_the_features_do_not_learn():
    task = made()
    task.loss(next(iter(task.batches(0)))).backward()
    assert all(p.grad is None for p in task._features.parameters())
    assert all(p.grad.isfinite().all() for p in task.model.parameters())


def test_what_cannot_work_is_refused():
    for fields, said in [
        ({"crop": 16}, "crop must be"),
        ({"batch_size": 0}, "batch_size"),
        ({"style_weight": 0.0}, "style_weight above 0"),
        ({"content_weight": -1.0}, "0 or more"),
    ]:
        with pytest.raises(BadInput, match=said):
            made(**fields)


def test_a_run_learns_and_paints(tmp_path):
    """Eight steps; card, weights, the style and the notice beside them; a picture."""
    from zoo.loading import load
    from zoo.reproduce.card import write_card

    recipe = FitRecipe(
        name="fast_style.blobs",
        arch="fast_style",
        data=data,
        task=partial(StyleTransferTask, features=two_layers, crop=32),
        optimizer=OPTIMIZERS["adam"],
        lr=0.003,
        batch_size=4,
        steps=8,
        half=True,
        options=LoopOptions(log_every=1),
        claim=Claim("style", paper=None, within=0.0, source="none", unit=""),
    )
    result = recipe.run(tmp_path / "run", torch.device("cpu"), show=False)
    losses = [row["loss"] for row in result.rows]
    assert losses[-1] < 0.9 * losses[0]
    card = write_card(recipe, [0], [result], tmp_path / "run")
    assert (card.parameters, card.task) == (1_679_235, "style_transfer")
    assert card.bytes < 3_500_000  # half precision
    assert "0.png  by me" in (tmp_path / "run" / "fast_style.blobs.NOTICE.txt").read_text()
    assert (tmp_path / "run" / "fast_style.blobs.style.png").is_file()
    image = photographs(1, seed=5).images[0]
    assert load(tmp_path / "run")(image).image.shape == image.shape
    assert "content" in result.task.report(tmp_path, "a title")
    assert (tmp_path / "painted.png").stat().st_size > 1000
    assert len(result.task.mistakes("dev")) == 2
