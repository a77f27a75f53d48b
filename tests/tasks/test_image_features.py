"""Distillation: the loss and the score by hand, batches, what ships, a run that learns."""

from functools import partial

import pytest
import torch

from tests.helpers.photographs import splits
from tests.helpers.teacher import PAIRS, Teacher, teacher
from zoo import registry
from zoo.data.image.augment_colour import channel_gains
from zoo.engine.loop_options import LoopOptions
from zoo.engine.seed import generator
from zoo.errors import BadInput
from zoo.metrics.unexplained_variance import fit_readout, shares
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim
from zoo.tasks import image_features
from zoo.tasks.image_features import ImageFeaturesTask


@pytest.fixture(autouse=True)
def small_views(monkeypatch):
    monkeypatch.setattr(image_features, "VIEW", 64)


def made(**fields):
    torch.manual_seed(0)
    model = registry.build("vgg_perceptual")
    given = {"teacher": teacher, "pairs": PAIRS, "batch_size": 2, "crop": 64, **fields}
    return ImageFeaturesTask(model, splits(), **given)


def test_the_loss_is_the_mean_squared_error_of_standardised_features():
    task = made()
    task.model.eval()
    batch = next(iter(task.batches(0)))
    theirs, own = Teacher().extract(batch), task.kept_network.extract(batch)
    views = Teacher().extract(task.data.train.squares(64).float() / 255)
    expected = 0.0
    for name, layer in PAIRS.items():
        level = views[name].transpose(0, 1).flatten(1)
        mean, std = level.mean(1).view(-1, 1, 1), level.std(1, correction=0).view(-1, 1, 1)
        down = torch.nn.functional.avg_pool2d(own[layer], 2)
        head = task.model.heads[name]
        guess = torch.einsum("nchw,kc->nkhw", down, head.weight[:, :, 0, 0])
        guess = guess + head.bias.view(-1, 1, 1)
        expected += (guess - (theirs[name] - mean) / std).square().mean() / 2
    assert torch.allclose(task.loss(batch), expected, rtol=1e-4)


def test_the_score_fits_the_linear_maps_on_train():
    task = made()
    found = task.evaluate("test")
    task.model.eval()
    images = {k: getattr(task.data, k).squares(64).float() / 255 for k in ("train", "test")}
    rows = {}
    with torch.no_grad():
        for split, one in images.items():
            own = torch.nn.functional.avg_pool2d(task.kept_network.extract(one)["2_1"], 2)
            theirs = Teacher().extract(one)["fine"]
            flat = [x.permute(0, 2, 3, 1).flatten(0, 2) for x in (own, theirs)]
            rows[split] = flat
    mean, std = rows["train"][1].mean(0), rows["train"][1].std(0, correction=0)
    x, y = {k: v[0] for k, v in rows.items()}, {k: (v[1] - mean) / std for k, v in rows.items()}
    expected = shares(fit_readout([(x["train"], y["train"])]), x["test"], y["test"]).unexplained
    assert found["unexplained_fine"] == pytest.approx(expected, rel=1e-3)
    both = (found["unexplained_fine"] + found["unexplained_coarse"]) / 2
    assert found["unexplained_variance"] == pytest.approx(both)
    assert set(found) == set(task.scores)


def test_batches_depend_on_seed_and_epoch_only():
    task = made(augment=channel_gains(share=1.0))
    again = list(made(augment=channel_gains(share=1.0)).batches(3))
    for a, b in zip(task.batches(3), again, strict=True):
        assert torch.equal(a, b)
    assert torch.equal(next(iter(task.batches(3, start=1))), again[1])
    assert not torch.equal(next(iter(task.batches(4))), again[0])
    assert again[0].shape == (2, 3, 64, 64)
    assert 0 <= float(again[0].min()) <= float(again[0].max()) <= 1


def test_channel_gains_change_some_batches_alike_in_all_places():
    pixels = torch.full((2, 3, 4, 4), 100, dtype=torch.uint8)
    changed = channel_gains(0.5, 1.5, share=1.0)(pixels, generator(0))
    assert changed.flatten(2).unique(dim=2).shape[2] == 1
    assert len(changed.unique()) > 3
    assert torch.equal(channel_gains(share=0.0)(pixels, generator(0)), pixels)


def test_the_teacher_is_left_alone_and_stays_out_of_what_ships():
    task = made()
    before = Teacher().weight.clone()
    task.loss(next(iter(task.batches(0)))).backward()
    assert torch.equal(task._teacher.weight, before)
    assert task._teacher.weight.grad is None
    state = task.kept_network.state_dict()
    assert state.keys() == registry.build("vgg_perceptual").state_dict().keys()


def test_what_cannot_work_is_refused():
    for fields, said in [
        ({"crop": 50}, "crop must be"),
        ({"crop": 32}, "crop must be"),
        ({"batch_size": 0}, "batch_size"),
    ]:
        with pytest.raises(BadInput, match=said):
            made(**fields)


def test_a_run_learns_ships_a_notice_and_loads(tmp_path):
    """Ten steps; the card, the weights without the linear maps, the notice."""
    from zoo.loading import load
    from zoo.reproduce.card import ship, write_card

    recipe = FitRecipe(
        name="vgg_perceptual.drawn",
        arch="vgg_perceptual",
        data=splits,
        task=partial(ImageFeaturesTask, teacher=teacher, pairs=PAIRS, crop=64),
        optimizer=ADAMW,
        lr=0.01,
        batch_size=4,
        steps=10,
        options=LoopOptions(log_every=1),
        claim=Claim("unexplained_variance", paper=None, within=0.0, source="none", unit=""),
    )
    result = recipe.run(tmp_path / "run", torch.device("cpu"), show=False)
    losses = [row["loss"] for row in result.rows]
    assert losses[-1] < 0.9 * losses[0]
    card = write_card(recipe, [0], [result], tmp_path / "run")
    assert card.parameters == 582_880
    assert card.weights_licence == "MIT; learned from a test's own network"
    ship(card, tmp_path / "run", tmp_path / "weights")
    notice = (tmp_path / "weights" / "vgg_perceptual.drawn.NOTICE.txt").read_text()
    assert "A test's own network." in notice
    assert "0.png  by me" in notice
    answer = load(tmp_path / "run")(result.task.data.test.images[0])
    assert answer.maps["4_1"].shape[0] == 256
    text = result.task.report(tmp_path, "a title")
    assert "unexplained_coarse" in text
    assert (tmp_path / "features.png").stat().st_size > 1000
    worst = result.task.mistakes("dev")
    worst.save(tmp_path / "worst.png")
    assert len(worst) == 2
    assert str(worst).startswith(tuple(result.task.data.dev.names))


def test_mixed_precision_does_not_reach_the_teacher():
    task = made()
    batch = next(iter(task.batches(0)))
    with torch.autocast("cpu", torch.bfloat16):
        assert task._taught(batch)["fine"].dtype == torch.float32
