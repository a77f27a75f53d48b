"""Painting: any size, alone or in a list, limits, files, frames of an animation."""

import io
from dataclasses import replace

import pytest
import torch
from PIL import Image

from tests.helpers.photographs import photographs
from zoo import cards, registry
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.errors import BadFile, BadInput, Missing
from zoo.predictors.style_transfer import Options, Painter


@pytest.fixture(scope="module")
def painter():
    torch.manual_seed(0)
    return Painter(registry.build("fast_style"))


def test_the_picture_is_that_of_the_network_and_has_the_size_of_the_photograph(painter):
    image = photographs(1, least=33, most=47).images[0]
    answer = painter(image)
    assert answer.image.shape == image.shape
    assert torch.equal(answer.photograph, image)
    with torch.no_grad():
        expected = painter.model(image[None].float() / 255)[0].clamp(0, 1) * 255
    assert (answer.image.float() - expected).abs().max() <= 0.51
    assert str(answer) == f"a picture of {image.shape[2]} x {image.shape[1]} pixels"
    assert answer.remark == ""


def test_several_are_as_each_alone(painter):
    images = list(photographs(3).images)
    for one, image in zip(painter(images), images, strict=True):
        assert torch.equal(one.image, painter(image).image)


def test_a_large_photograph_is_made_smaller_and_told(painter):
    image = torch.zeros(3, 40, 80, dtype=torch.uint8)
    limited = Painter(painter.model, limit=800 / 1e6)(image)
    assert limited.image.shape == (3, 20, 40)
    assert "the photograph has 80 x 40 pixels" in limited.remark
    assert Painter(painter.model, size=20)(image).image.shape == (3, 10, 20)
    assert Painter(painter.model, size=200)(image).image.shape == (3, 40, 80)


def test_answers_are_written(painter, tmp_path):
    answer = painter(photographs(1).images[0])
    size = (answer.image.shape[2], answer.image.shape[1])
    assert answer.to_json() == {"width": size[0], "height": size[1]}
    with Image.open(io.BytesIO(answer.files("png")[".png"])) as image:
        assert image.size == size
    [path] = answer.save(tmp_path, "png", "photo")
    assert path.name == "photo.png"
    assert answer.picture().size == size
    assert len(answer.plot().axes) == 2


def test_every_frame_of_an_animation_is_painted(painter, tmp_path):
    pictures = [Image.new("RGB", (24, 16), (40 * i, 90, 200)) for i in range(3)]
    path = tmp_path / "clip.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=40)
    assert painter.frames(str(path)) is not None
    assert painter.frames("photo.jpg") is None
    found = [(frame.number, answer.image.shape) for frame, answer in painter.watch(path)]
    assert found == [(i, (3, 16, 24)) for i in range(3)]


def test_what_cannot_be_used_is_named(painter):
    with pytest.raises(Missing, match=r"nowhere.jpg"):
        painter("nowhere.jpg")
    with pytest.raises(BadInput, match="at least 8 pixels, got 20 x 5"):
        painter(torch.zeros(3, 5, 20, dtype=torch.uint8))
    for options in ({"size": 4}, {"limit": 0.0}):
        with pytest.raises(BadInput, match="must be"):
            Painter(painter.model, **options)


def test_a_card_makes_one(painter):
    card = replace(cards.card("localizer.bccd"), front_end=PhotographFrontEnd().to_card())
    made = Painter.from_card(card, painter.model, None, Options(size=64))
    assert made.size == 64
    assert made.output_of(made.vector_input()).shape == (64,)
    assert Painter.export_shape((3, 256, 256), None) == (3, 256, 256)
    with pytest.raises(BadFile, match="front end"):
        Painter.from_card(replace(card, front_end={}), painter.model, None, Options())
