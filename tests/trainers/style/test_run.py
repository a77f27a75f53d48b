"""Making a picture: what is minimised, kept, counted and stopped."""

import math

import pytest
import torch

from tests.helpers.small_features import small_features
from zoo.errors import BadInput, NotFinite
from zoo.trainers.style.objective import Objective, Terms
from zoo.trainers.style.run import Settings, level_sizes, resized, run, shared_steps

NETWORK = small_features()
TERMS = Terms("moments", ("relu2_2",), ("rgb", "relu1_1", "relu2_1", "relu3_1"), 1.5, 100.0, 10, 10)


def pictures(*sizes, seed=0):
    """Blocks of colours: they have large and small structure."""
    rng = torch.Generator().manual_seed(seed)
    return [
        resized(torch.rand(1, 3, 8, 8, generator=rng), size).clamp(0, 1).contiguous()
        for size in sizes
    ]


def made(settings=None, terms=TERMS, watch=lambda progress: False, size=(32, 32), **changes):
    content, style = pictures(size, (40, 36))
    settings = settings or Settings(**{"steps": 12, "levels": 1, **changes})
    return run(NETWORK, terms, content, [style], [1.0], settings, watch)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_the_loss_falls_and_the_steps_are_those_asked_for(optimizer):
    done = made(optimizer=optimizer, steps=30)
    assert [row["step"] for row in done.history] == list(range(1, 31))
    assert not done.stopped
    assert min(row["loss"] for row in done.history) < 0.8 * done.history[0]["loss"]
    assert 0 <= float(done.picture.min()) <= float(done.picture.max()) <= 1
    assert done.picture.shape == (1, 3, 32, 32)


def test_lbfgs_takes_the_steps_of_torchs_own():
    """The same pictures as a plain loop with torch's optimiser and this objective."""
    content, style = pictures((32, 32), (40, 36))
    objective = Objective(NETWORK, TERMS, content, [style], [1.0])
    x, losses = content.clone().requires_grad_(), []
    optimizer = torch.optim.LBFGS(
        [x], 1, max_iter=12, max_eval=12, tolerance_grad=-1, tolerance_change=-1, history_size=20
    )

    def closure():
        optimizer.zero_grad()
        losses.append(objective(x)["loss"])
        return losses[-1]

    optimizer.step(closure)
    assert [row["loss"] for row in made().history] == [float(one) for one in losses]


def test_the_picture_with_the_lowest_loss_is_kept():
    seen = []
    done = made(
        steps=25,
        optimizer="adam",
        learning_rate=0.3,
        watch=lambda p: seen.append((p.losses["loss"], p.picture.clone())) or False,
    )
    losses = [loss for loss, _ in seen]
    assert losses != sorted(losses, reverse=True)  # it leaps, once at least
    content, style = pictures((32, 32), (40, 36))
    leaf = seen[-1][1].requires_grad_()
    best = float(Objective(NETWORK, TERMS, content, [style], [1.0])(leaf)["loss"])
    assert best == pytest.approx(min(losses), rel=1e-5)
    torch.testing.assert_close(done.picture, seen[-1][1].detach().clamp(0, 1))


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    one, same, other = (made(start="noise", seed=seed).picture for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_starts():
    first = {}
    for start in ("content", "noise", "style"):
        made(start=start, steps=1, watch=lambda p, s=start: first.setdefault(s, p.picture) is None)
    content, style = pictures((32, 32), (40, 36))
    assert torch.equal(first["content"], content)
    assert torch.equal(first["style"], resized(style, (32, 32)))
    assert 0.25 < float(first["noise"].std()) < 0.32  # of uniform noise: 0.289


def test_levels_go_from_coarse_to_fine():
    done = made(Settings(steps=9, levels=3), size=(288, 256))
    assert [row["height"] for row in done.history] == [72] * 4 + [144] * 3 + [288] * 2
    assert done.picture.shape == (1, 3, 288, 256)
    assert made(Settings(steps=1, levels=3), size=(288, 256)).history[0]["height"] == 144


def test_tiles_take_the_same_steps():
    whole = made(steps=3)
    tiled = made(Settings(steps=3, levels=1, tile=16))
    for one, other in zip(whole.history, tiled.history, strict=True):
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-3)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_the_watch_ends_a_run_with_the_picture_so_far(optimizer):
    done = made(optimizer=optimizer, watch=lambda progress: progress.step == 5)
    assert done.stopped
    assert len(done.history) == 5
    coarse = made(Settings(steps=20, levels=2), size=(160, 128), watch=lambda p: p.step == 2)
    assert coarse.history[-1]["height"] == 80
    assert coarse.picture.shape == (1, 3, 160, 128)


def test_a_loss_that_is_not_finite_names_its_step():
    terms = Terms("gatys", ("relu2_2",), ("relu1_1",), 1e38, 1e38)
    with pytest.raises(NotFinite, match=r"not finite at step \d+ of 12 \(loss (nan|inf)"):
        made(terms=terms, start="noise")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"levels": 0}, "levels must be at least 1"),
        ({"history": 0}, "history must be at least 1"),
        ({"optimizer": "sgd"}, "lbfgs or adam, got sgd"),
        ({"start": "grey"}, "content, noise or style, got grey"),
        ({"learning_rate": 0.0}, "above 0"),
        ({"learning_rate": math.nan}, "above 0"),
    ],
)
def test_settings_out_of_range(changes, message):
    with pytest.raises(BadInput, match=message):
        made(**changes)


def psnr(one, other):
    return -10 * math.log10(float((one - other).square().mean()))


def test_the_content_term_alone_gives_the_content_back():
    """From noise, in 300 steps, PSNR at least 25 dB."""
    content = pictures((48, 48))[0]
    for name in ("gatys", "moments"):
        terms = Terms(name, ("relu1_1",), (), 1.0 if name == "gatys" else 100.0, 0.0)
        start = made(Settings(steps=1, levels=1, start="noise"), terms, size=(48, 48)).picture
        done = run(NETWORK, terms, content, [], [], Settings(150, 1, start="noise"))
        assert psnr(start, content) < 15
        assert psnr(done.picture, content) >= 25


def test_sizes_and_steps_of_levels():
    assert level_sizes(1000, 512, 4) == [(125, 64), (250, 128), (500, 256), (1000, 512)]
    assert level_sizes(100, 70, 3) == [(100, 70)]
    assert shared_steps(100, 1) == [100]
    assert sum(shared_steps(7, 3)) == 7
