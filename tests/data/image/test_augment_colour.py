"""Changes of colour against closed formulas, colorsys and torchvision."""

import colorsys

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as peer

from zoo.data.image import augment_colour as c
from zoo.engine.seed import generator
from zoo.errors import BadInput


def noise(count, channels=3, height=6, width=7, low=0, high=256):
    draw = torch.Generator().manual_seed(0)
    return torch.randint(low, high, (count, channels, height, width), generator=draw).byte()


def always(monkeypatch, *numbers):
    """Let colour draw these, from -1 to 1: brightness, contrast, saturation, hue."""
    row = (torch.tensor(numbers) + 1) / 2
    monkeypatch.setattr(torch, "rand", lambda k, n, generator: row[:, None].expand(k, n))


def apart(a, b):
    return (a.int() - b.int()).abs().max().item()


@pytest.mark.parametrize("factor", [0.0, 0.4, 1.0, 1.7])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("which", ["brightness", "contrast", "saturation"])
def test_each_is_torchvisions_adjustment(monkeypatch, which, channels, factor):
    always(monkeypatch, *[factor - 1] * 4)
    pixels = noise(4, channels)
    got = c.colour(**{"brightness": 0, "contrast": 0, "saturation": 0, which: 1})(pixels, None)
    right = torch.stack([getattr(peer, f"adjust_{which}")(one, factor) for one in pixels])
    assert apart(got, right) <= 1  # it cuts the fraction off, we round
    assert apart(got, pixels) > 20 or factor == 1 or (which, channels) == ("saturation", 1)


def test_all_three_are_their_formulas_in_order(monkeypatch):
    always(monkeypatch, 0.5, -0.5, 1.0, 0.0)
    pixels = noise(1, low=60, high=140)  # nothing is cut
    got = c.colour(0.2, 0.4, 0.1)(pixels, None)[0].numpy()
    weights = np.array([0.299, 0.587, 0.114])[:, None, None]
    x = pixels[0].numpy() * 1.1
    x = 0.8 * x + 0.2 * (weights * x).sum(0).mean()
    x = 1.1 * x - 0.1 * (weights * x).sum(0)
    assert np.abs(got - x).max() <= 0.501


@pytest.mark.parametrize("turn", [-0.5, -0.2, 0.0, 0.13, 0.5])
def test_hue_is_that_of_colorsys(turn):
    pixels = noise(3)
    pixels[0, :, 0, 0], pixels[0, :, 0, 1] = 77, torch.tensor([255, 0, 0])  # grey, pure red
    got = c.turn_hue(pixels.float(), torch.full((3, 1, 1, 1), turn)) / 255
    for old, new in zip(
        pixels.permute(0, 2, 3, 1).reshape(-1, 3).tolist(),
        got.permute(0, 2, 3, 1).reshape(-1, 3).tolist(),
        strict=True,
    ):
        h, s, v = colorsys.rgb_to_hsv(*(x / 255 for x in old))
        assert new == pytest.approx(colorsys.hsv_to_rgb((h + turn) % 1, s, v), abs=1e-5)


def test_hue_is_drawn_up_to_its_strength(monkeypatch):
    pixels = noise(4)
    always(monkeypatch, 0, 0, 0, -1)
    got = c.colour(0, 0, 0, hue=0.25)(pixels, None)
    right = torch.stack([peer.adjust_hue(one, -0.25) for one in pixels])
    assert apart(got, right) <= 2
    assert apart(got, pixels) > 20


def test_colour_shift_adds_one_number_to_a_channel_of_a_picture():
    pixels = noise(500, low=40, high=200)
    moved = c.shift_colour(20)(pixels, generator(0)).int() - pixels.int()
    assert (moved == moved[:, :, :1, :1]).all()
    levels = moved[:, :, 0, 0].float()  # (N, 3), uniform
    assert levels.abs().max() == 20
    assert levels.mean(0).abs().max() < 1.6  # three standard errors
    assert levels.std(0).sub(20 / 3**0.5).abs().max() < 0.8
    assert torch.corrcoef(levels.T).fill_diagonal_(0).abs().max() < 0.15


@pytest.mark.parametrize(
    "change", [c.colour(0, 0, 0, 0), c.shift_colour(0), c.pca_colour(0)], ids=["c", "s", "p"]
)
def test_strength_nought_changes_nothing(change):
    assert torch.equal(change(noise(4), generator(0)), noise(4))


def test_pca_colour_is_the_papers_formula():
    pixels = noise(3, low=40, high=200)
    values, vectors = (0.4, 0.1, 0.02), ((0.6, 0.8, 0.0), (0.0, 0.0, 1.0), (0.8, -0.6, 0.0))
    got = c.pca_colour(0.1, values, vectors)(pixels, generator(3)).numpy()
    a = 0.1 * torch.randn(3, 3, generator=generator(3)).double().numpy()
    for before, after, row in zip(pixels.int().numpy(), got, a, strict=True):
        added = 255 * np.array(vectors) @ (row * np.array(values))
        assert np.abs(after - before - added[:, None, None]).max() <= 0.5001


def test_pca_colour_of_imagenet_is_near_grey_light():
    """Of the published values: the first colour is nearly grey and carries nearly all."""
    pixels = torch.full((4000, 3, 1, 1), 128, dtype=torch.uint8)
    added = c.pca_colour()(pixels, generator(0)).float()[:, :, 0, 0] - 128
    spread = added.std(0)  # 255 * 0.1 * 0.2175 * 0.57 = 3.2 grey levels a channel
    assert (spread > 2.8).all()
    assert (spread < 3.6).all()
    vectors = torch.tensor(c.IMAGENET_VECTORS)
    assert torch.allclose(vectors.T @ vectors, torch.eye(3), atol=2e-4)


def test_principal_colours_are_those_of_numpy_and_of_the_covariance():
    pixels = noise(2300, height=3, width=2)  # more than two pieces
    pixels[:, 1] = pixels[:, 0] // 2 + pixels[:, 1] // 3
    values, vectors = c.principal_colours(pixels)
    flat = pixels.permute(1, 0, 2, 3).reshape(3, -1).numpy() / 255
    covariance = np.cov(flat, bias=True)
    vectors = np.array(vectors)
    assert list(values) == sorted(values, reverse=True)
    assert values == pytest.approx(np.linalg.eigvalsh(covariance)[::-1], abs=1e-9)
    assert covariance == pytest.approx(vectors @ np.diag(values) @ vectors.T, abs=1e-9)
    assert (vectors.sum(0) > 0).all()


def test_principal_colours_of_one_colour_are_nought():
    values, _ = c.principal_colours(torch.full((2, 3, 4, 4), 201, dtype=torch.uint8))
    assert values == pytest.approx((0, 0, 0), abs=1e-12)
    assert min(values) >= 0


def test_grey_pictures_work_or_are_refused():
    grey = noise(4, channels=1)
    assert torch.equal(c.colour(0, 0, 0.9, 0.5)(grey, generator(0)), grey)  # nothing to change
    assert not torch.equal(c.colour()(grey, generator(0)), grey)
    assert not torch.equal(c.shift_colour()(grey, generator(0)), grey)
    with pytest.raises(BadInput, match=r"pca_colour needs RGB images, got 1 channel"):
        c.pca_colour()(grey, generator(0))
    with pytest.raises(BadInput, match="1 or 3 channels, got 2"):
        c.colour()(noise(4, channels=2), generator(0))
    with pytest.raises(BadInput, match="N, 3, H, W"):
        c.principal_colours(grey)


@pytest.mark.parametrize("strengths", [(-0.1,), (0, float("nan")), (0, 0, 0, 0.6)])
def test_strengths_that_cannot_be_are_refused(strengths):
    with pytest.raises(BadInput, match="0 or more"):
        c.colour(*strengths)
