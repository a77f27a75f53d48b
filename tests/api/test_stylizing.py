"""``zoo.stylize``: what goes in, what comes out, what is refused."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from tests.helpers.small_features import small_features
from zoo.api.style_options import FEATURES, StyleOptions
from zoo.api.style_terms import terms_of
from zoo.api.stylizing import prepare
from zoo.bench.stylize import made_up
from zoo.errors import BadInput, NotFinite
from zoo.losses.style import CONVENTIONS
from zoo.pretrained.feature_network import feature_network
from zoo.trainers.style.colour import luminance

NETWORK = small_features()


def blocks(width, height, seed=0):
    numbers = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(numbers).resize((width, height))


def made(content=None, style=None, **options):
    content = blocks(60, 40) if content is None else content
    style = blocks(50, 70, 1) if style is None else style
    settings = {"size": 48, "steps": 6, "convention": "moments", **options}
    return zoo.stylize(content, style, features=NETWORK, **settings)


def pixels(image):
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].float() / 255


def test_a_picture_of_the_size_and_shape_of_the_photo():
    done = made(size=50)
    assert done.image.size == (50, 33)
    assert len(done.history) == 6
    assert done.history[-1]["loss"] < done.history[0]["loss"]
    assert done.memory.total > done.memory.process > 0
    assert done.signal == 0


def test_kinds_of_input(tmp_path):
    photo, painting = blocks(60, 40), blocks(50, 70, 1)
    photo.save(tmp_path / "a.png")
    array = np.asarray(painting)
    files = made(tmp_path / "a.png", array, steps=2).image
    assert files.tobytes() == made(photo, [painting], steps=2).image.tobytes()


def test_nothing_changes_without_a_style_from_the_content():
    """The content term is 0 there, and the picture of the run is cut back to the photo's shape."""
    photo = blocks(48, 40)
    done = made(photo, style_weight=0.0, variation_weight=0.0, size=48)
    assert np.abs(np.asarray(done.image).astype(int) - np.asarray(photo)).max() <= 1


def test_several_styles_and_their_shares():
    photo, one, other = blocks(60, 40), blocks(50, 70, 1), blocks(40, 40, 2)
    only = made(photo, one).image
    assert made(photo, [one, other], style_weights=(2.0, 0.0)).image.tobytes() == only.tobytes()
    assert made(photo, [one, other]).image.tobytes() != only.tobytes()


def test_luminance_keeps_the_colours_of_the_photo():
    photo = blocks(48, 48)
    done = made(photo, keep_colour="luminance", steps=8)
    change = pixels(done.image) - pixels(photo)
    grey = luminance(change)
    inside = (pixels(done.image) > 0).all(1) & (pixels(done.image) < 1).all(1)
    assert float((change - grey).abs().amax(1)[inside].max()) < 0.01
    assert float(grey.abs().max()) > 0.05


def test_the_histogram_gives_the_style_the_colours_of_the_photo():
    photo = Image.new("RGB", (48, 48), (20, 60, 200))
    noisy = Image.fromarray(
        (np.asarray(photo) + np.random.default_rng(0).integers(0, 20, (48, 48, 3))).astype(np.uint8)
    )
    own = pixels(made(noisy, blocks(50, 50, 1), keep_colour="histogram", steps=20).image)
    other = pixels(made(noisy, blocks(50, 50, 1), steps=20).image)
    goal = pixels(noisy).mean((2, 3))
    assert (own.mean((2, 3)) - goal).abs().max() < 0.02
    assert (other.mean((2, 3)) - goal).abs().max() > 0.04


def test_previews():
    seen = []
    made(preview=2, watch=lambda step, image: seen.append((step, image.size)))
    assert seen == [(2, (48, 32)), (4, (48, 32)), (6, (48, 32))]


def test_ctrl_c_leaves_the_picture_so_far():
    def interrupt(step, image):
        os.kill(os.getpid(), signal.SIGINT)

    done = made(preview=3, watch=interrupt, steps=50)
    assert done.signal == signal.SIGINT
    assert len(done.history) == 3
    assert done.image.size == (48, 32)


def test_what_is_shown(capsys):
    made(show=True, steps=40, tile=16)
    first, *lines = capsys.readouterr().err.splitlines()
    assert first.startswith("note: 48 x 32 pixels need ")
    assert first.endswith("in tiles of 16 pixels")
    assert len(lines) == 20
    assert lines[-1].startswith("stylize  step 40  loss ")
    made()
    assert capsys.readouterr() == ("", "")


def test_tiles_are_taken_when_memory_does_not_suffice(monkeypatch):
    monkeypatch.setattr("zoo.api.stylizing.free_bytes", lambda device: 100_000_000)
    stylist = prepare(NETWORK, StyleOptions(size=320, steps=1, convention="moments"))
    photo = torch.rand(1, 3, 320, 320)
    settings, memory = stylist._fit(photo)
    assert settings.tile is not None
    assert memory.more < 100_000_000 < stylist.need.of(320, 320).more
    monkeypatch.setattr("zoo.api.stylizing.free_bytes", lambda device: 9_000_000)
    with pytest.raises(BadInput, match="choose a smaller size"):
        made(size=320)


def test_the_defaults_are_those_of_the_network_and_its_convention():
    terms = terms_of(NETWORK, StyleOptions())
    assert (terms.convention, terms.content_layers) == ("gatys", NETWORK.content_layers)
    assert terms.style_weight == CONVENTIONS["gatys"].style_weight
    assert terms.variation_weight == terms.range_weight == 0
    assert terms_of(NETWORK, StyleOptions(convention="moments")).variation_weight > 0
    for name, levels in (("gatys", 1), ("moments", 2)):
        assert prepare(NETWORK, StyleOptions(convention=name)).settings.levels == levels


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 8}, "size must be 16 to"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"style_weights": (1.0, 2.0)}, "style_weights has 2 numbers for 1 style"),
        ({"style_weights": (-1.0,)}, "at least 0"),
        ({"style_weights": (0.0,)}, "not all 0"),
        ({"content_layers": ("conv9_9",)}, "must be some of rgb, .*; got conv9_9"),
        ({"content_weight": 0.0, "style_weight": 0.0}, "nothing is left to do"),
        ({"content_weight": -1.0}, "content_weight must be at least 0"),
        ({"style_scale": 0.0}, "style_scale must be above 0"),
        ({"tile": -1}, "tile must be at least 0"),
        ({"preview": -1}, "preview must be at least 0"),
        ({"optimizer": "sgd"}, "optimizer must be lbfgs or adam, got 'sgd'"),
        ({"strength": 1}, "zoo.stylize has no option strength"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(BadInput, match=message):
        made(**options)


def test_pictures_and_networks_that_cannot_be_used():
    with pytest.raises(BadInput, match="no style: give one"):
        zoo.stylize(blocks(40, 40), [], features=NETWORK)
    with pytest.raises(
        BadInput, match="300 x 4 pixels would have 48 x 1; its shorter side needs 16"
    ):
        made(blocks(300, 4))
    with pytest.raises(BadInput, match="a name or a FeatureNetwork, got Linear"):
        zoo.stylize(blocks(40, 40), blocks(40, 40), features=torch.nn.Linear(2, 2))
    with pytest.raises(NotFinite, match="at step"):
        made(style_weight=1e38, content_weight=1e38, start="noise")


SHIPPED = Path(__file__).parents[2] / "weights" / "vgg_perceptual.coco_free.safetensors"


@pytest.mark.skipif(not SHIPPED.exists(), reason="vgg_perceptual is not shipped")
def test_the_network_that_comes_with_the_zoo(monkeypatch):
    """One step of the default, whose batch norms are folded; and what its options then are."""
    monkeypatch.setenv("ZOO_WEIGHTS", str(SHIPPED.parent))
    network = feature_network(FEATURES)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in network.modules())
    assert not any(one.requires_grad for one in network.parameters())
    terms = terms_of(network, StyleOptions())
    assert (terms.convention, terms.content_layers) == ("moments", ("3_2",))
    assert terms.style_layers == ("rgb", "1_1", "2_1", "3_1", "4_1")
    done = zoo.stylize(blocks(64, 48), blocks(50, 50, 1), features=network, size=64, steps=3)
    assert done.history[0]["style"] == pytest.approx(100, rel=1e-4)
    assert done.history[-1]["loss"] < done.history[0]["loss"]


@pytest.mark.long
@pytest.mark.skipif(not SHIPPED.exists(), reason="vgg_perceptual is not shipped")
def test_its_content_term_alone_gives_the_photo_back(monkeypatch):
    """From noise in 300 steps, of features a quarter as wide as the photo: PSNR at least 25 dB."""
    monkeypatch.setenv("ZOO_WEIGHTS", str(SHIPPED.parent))
    photo = made_up(96, "photo")
    done = zoo.stylize(photo, photo, size=96, steps=300, start="noise", style_weight=0.0)
    error = (pixels(done.image) - pixels(photo)).square().mean()
    assert -10 * float(error.log10()) >= 25
