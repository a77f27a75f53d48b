"""The tensor that a network sees, against torchvision, Pillow and the formula."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import Inception_V3_Weights, ResNet18_Weights, ResNet50_Weights
from torchvision.transforms._presets import ImageClassification
from torchvision.transforms.functional import center_crop, normalize, pil_to_tensor, resize
from torchvision.transforms.v2.functional import resize as v2_resize

from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.resize import frame
from zoo.errors import BadFile, BadInput

COLOUR = ImageFrontEnd((6, 9), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
DIGIT = ImageFrontEnd((28, 28), mean=(0.1,), std=(0.5,), pad=2, ink="light")
GOOD = {"kind": "picture", "size": [28, 28], "mean": [0.1], "std": [0.5], "pad": 2, "ink": "light"}
NOISE = np.random.default_rng(1).integers(0, 256, (24, 36, 3), dtype=np.uint8)


def paper_with_stroke(size=28):
    """A dark pen on white paper."""
    picture = np.full((size, size), 250, np.uint8)
    picture[6:22, 13:16] = 20
    return picture


# normalise


def test_normalise_is_torchvisions():
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (5, 3, 6, 9), dtype=torch.uint8, generator=draw)
    got = COLOUR.normalise(pixels)
    assert got.dtype == torch.float32
    right = normalize(pixels.double() / 255, COLOUR.mean, COLOUR.std)
    torch.testing.assert_close(got.double(), right, atol=1e-6, rtol=0)


def test_normalise_is_the_formula():
    pixels = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 1, 1, 3)
    front_end = ImageFrontEnd((1, 3), mean=(0.2,), std=(0.4,))
    right = (np.array([0, 51, 255]) / 255 - 0.2) / 0.4
    np.testing.assert_allclose(front_end.normalise(pixels).flatten(), right, atol=1e-6)


def test_normalise_leaves_its_input_alone():
    pixels = torch.full((1, 3, 6, 9), 7, dtype=torch.uint8)
    COLOUR.normalise(pixels)
    assert (pixels == 7).all()


# pixels


def test_pixels_are_resized_as_pillow_does():
    got = COLOUR.pixels(NOISE)
    right = np.array(Image.fromarray(NOISE).resize((9, 6), Image.Resampling.BILINEAR))
    assert got.dtype == torch.uint8
    assert got.is_contiguous()
    assert np.abs(got.permute(1, 2, 0).numpy().astype(int) - right).max() <= 1


def test_pixels_have_the_networks_shape():
    assert COLOUR.channels == 3
    assert COLOUR.input_shape == COLOUR.pixels(NOISE).shape == (3, 6, 9)
    assert DIGIT.channels == 1
    assert DIGIT.input_shape == DIGIT.pixels(NOISE).shape == (1, 32, 32)


def test_path_image_and_array_give_the_same_pixels(tmp_path):
    Image.fromarray(NOISE).save(tmp_path / "a.png")
    from_path = COLOUR.pixels(tmp_path / "a.png")
    assert torch.equal(from_path, COLOUR.pixels(NOISE))
    assert torch.equal(from_path, COLOUR.pixels(Image.fromarray(NOISE)))


def test_a_photo_is_read_as_its_preset_reads_it(tmp_path):
    """Of 12 million pixels, at a quarter of its size: what the preset makes of all of them."""
    draw = np.random.default_rng(0)
    coarse = Image.fromarray(draw.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    coarse.resize((4000, 3000), Image.Resampling.BICUBIC).save(tmp_path / "a.jpg", quality=90)
    preset = PRESETS["resnet18 v1"]
    with Image.open(tmp_path / "a.jpg") as image:
        right = pil_to_tensor(center_crop(resize(image, preset.resize_size), preset.crop_size))
    difference = (like(preset).pixels(tmp_path / "a.jpg").int() - right).abs()
    assert difference.max() <= 2
    assert difference.float().mean() < 0.2


# frame


def test_frame_is_black_and_all_around():
    pixels = torch.full((2, 1, 3, 4), 9, dtype=torch.uint8)
    framed = frame(pixels, 2)
    assert framed.shape == (2, 1, 7, 8)
    assert framed.dtype == torch.uint8
    assert torch.equal(framed[:, :, 2:5, 2:6], pixels)
    assert framed.sum() == pixels.sum()


def test_no_frame():
    pixels = torch.ones(1, 3, 4)
    assert frame(pixels, 0) is pixels


# ink


def test_dark_ink_on_white_paper_is_inverted():
    got = DIGIT.pixels(paper_with_stroke())[0]
    assert torch.equal(got[2:-2, 2:-2], 255 - torch.from_numpy(paper_with_stroke()))
    assert (got[:2] == 0).all()  # the frame stays black


def test_light_ink_on_a_dark_ground_is_kept():
    light = 255 - paper_with_stroke()
    assert np.array_equal(DIGIT.pixels(light)[0, 2:-2, 2:-2].numpy(), light)


def test_both_give_the_same_input():
    a, b = DIGIT.pixels(paper_with_stroke()), DIGIT.pixels(255 - paper_with_stroke())
    assert torch.equal(a, b)


@pytest.mark.parametrize("value", [0, 127, 255])
def test_empty_paper_is_kept(value):
    blank = np.full((28, 28), value, np.uint8)
    assert (DIGIT.pixels(blank)[0, 2:-2, 2:-2] == value).all()


def test_without_ink_nothing_is_inverted():
    plain = ImageFrontEnd((28, 28), mean=(0.5,), std=(0.5,))
    assert np.array_equal(plain.pixels(paper_with_stroke())[0].numpy(), paper_with_stroke())


# shorter: torchvision's preset

PRESETS = {
    "resnet18 v1": ResNet18_Weights.IMAGENET1K_V1.transforms(),  # 256, 224
    "resnet50 v2": ResNet50_Weights.IMAGENET1K_V2.transforms(),  # 232, 224
    "inception_v3": Inception_V3_Weights.IMAGENET1K_V1.transforms(),  # 342, 299
    "a frame": ImageClassification(crop_size=64, resize_size=41),  # smaller than what is cut out
    "an odd frame": ImageClassification(crop_size=65, resize_size=50),
}


def like(preset):
    """Our front end for a preset of torchvision's."""
    (crop,), (shorter,) = preset.crop_size, preset.resize_size
    return ImageFrontEnd((crop, crop), tuple(preset.mean), tuple(preset.std), shorter=shorter)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize(
    "size",
    [(500, 375), (375, 500), (333, 334), (256, 256), (224, 224), (31, 47), (230, 229), (1000, 97)],
)
def test_shorter_is_torchvisions_preset(name, size):
    preset = PRESETS[name]
    draw = np.random.default_rng(size)
    picture = Image.fromarray(draw.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    front_end = like(preset)
    pixels = front_end.pixels(picture)
    right = center_crop(resize(picture, preset.resize_size), preset.crop_size)
    difference = (pixels.int() - pil_to_tensor(right)).abs()
    assert difference.max() <= 1  # weights of 15 bits, not 22
    assert difference.float().mean() < 0.03
    assert front_end.input_shape == pixels.shape
    got = front_end.normalise(pixels[None])[0]
    one = 1.0001 / 255 / min(preset.std)
    torch.testing.assert_close(got, preset(picture), atol=one, rtol=0)
    of_tensor = center_crop(v2_resize(pil_to_tensor(picture), preset.resize_size), preset.crop_size)
    assert torch.equal(pixels, of_tensor)  # the bits of its second version


def test_means_of_a_half_are_torchvisions_transform_input():
    """GoogLeNet and Inception v3 turn ImageNet's levels into [-1, 1]; our cards say so at once."""
    preset = PRESETS["inception_v3"]
    pixels = torch.arange(256, dtype=torch.uint8).repeat(3, 1).view(1, 3, 16, 16)
    x = normalize(pixels.double() / 255, preset.mean, preset.std)
    by_hand = torch.stack(
        [
            x[:, c] * (std / 0.5) + (mean - 0.5) / 0.5
            for c, (mean, std) in enumerate(zip(preset.mean, preset.std, strict=True))
        ],
        dim=1,
    )
    ours = ImageFrontEnd((16, 16), mean=(0.5,) * 3, std=(0.5,) * 3).normalise(pixels)
    torch.testing.assert_close(ours.double(), by_hand, atol=1e-6, rtol=0)


def test_shorter_works_for_grey_frames_and_ink():
    front_end = ImageFrontEnd((20, 24), (0.1,), (0.5,), pad=2, ink="light", shorter=26)
    got = front_end.pixels(paper_with_stroke(40))
    assert got.shape == front_end.input_shape == (1, 24, 28)
    whole = Image.fromarray(paper_with_stroke(40)).resize((26, 26), Image.Resampling.BILINEAR)
    right = 255 - np.array(whole)[3:23, 1:25]
    assert np.abs(got[0, 2:-2, 2:-2].numpy().astype(int) - right).max() <= 1


def test_a_picture_so_thin_that_it_would_fill_the_memory_is_refused():
    front_end = ImageFrontEnd((224, 224), (0.1,), (0.5,), shorter=256)
    with pytest.raises(BadInput, match="1 x 2000 pixels is too long and thin: .* 131 million"):
        front_end.pixels(np.zeros((1, 2000), np.uint8))


# the card


@pytest.mark.parametrize("front_end", [COLOUR, DIGIT, like(PRESETS["resnet50 v2"])])
def test_card_round_trip(front_end):
    record = json.loads(json.dumps(front_end.to_card()))
    assert ImageFrontEnd.from_card(record) == front_end


def test_card_holds_what_is_needed():
    assert json.loads(json.dumps(DIGIT.to_card())) == GOOD


def without(key):
    return {k: v for k, v in GOOD.items() if k != key}


@pytest.mark.parametrize(
    "record",
    [None, [], "picture", {}, without("kind"), without("size"), without("mean"), without("std")],
)
def test_record_that_lacks_something_is_refused(record):
    with pytest.raises(BadFile, match="the card's front end is not understood"):
        ImageFrontEnd.from_card(record)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kind", "sound"),
        ("crop", 0.9),
        ("size", 28),
        ("size", "ab"),
        ("size", [28]),
        ("size", [28, 28, 3]),
        ("size", [28.5, 28]),
        ("size", [0, 28]),
        ("size", [-1, 28]),
        ("mean", 0.5),
        ("mean", "a"),
        ("mean", ["a"]),
        ("mean", []),
        ("mean", [0.1, 0.1]),
        ("mean", [0.1, 0.1, 0.1]),
        ("mean", [float("nan")]),
        ("std", [0]),
        ("std", [-0.5]),
        ("std", [float("inf")]),
        ("std", [0.5, 0.5, 0.5]),
        ("pad", -1),
        ("pad", 0.5),
        ("pad", None),
        ("ink", "blue"),
        ("ink", True),
        ("shorter", 0),
        ("shorter", -1),
        ("shorter", 1.5),
        ("shorter", True),
        ("shorter", "256"),
        ("shorter", [256]),
    ],
)
def test_record_that_makes_no_sense_is_refused(key, value):
    with pytest.raises(BadFile, match="the card's front end is not understood"):
        ImageFrontEnd.from_card({**GOOD, key: value})


def test_refusal_says_what_was_got():
    with pytest.raises(BadFile, match=r"std above 0, got \(0.1,\) and \(0,\)"):
        ImageFrontEnd.from_card({**GOOD, "std": [0]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": [10**12, 10**12]},
        {"size": [5000, 5]},
        {"size": [8, True]},
        {"size": None},
        {"size": [8.5, 8]},
        {"size": 10**400},
        {"pad": 10**12},
        {"pad": -1},
        {"shorter": 10**12},
        {"mean": None},
        {"mean": [None]},
        {"mean": ["0.5"]},
        {"mean": [10**400]},
        {"mean": [[0.5]]},
        {"std": [0.0]},
        {"std": []},
        {"ink": 7},
        {"kind": None},
    ],
)
def test_a_card_whose_numbers_make_no_front_end_is_refused_before_memory_is_asked_for(wrong):
    record = ImageFrontEnd((8, 8), (0.5,), (0.5,)).to_card()
    assert ImageFrontEnd.from_card(record).size == (8, 8)
    with pytest.raises(BadFile, match="front end is not understood") as caught:
        ImageFrontEnd.from_card({**record, **wrong})
    assert len(str(caught.value)) <= 800
