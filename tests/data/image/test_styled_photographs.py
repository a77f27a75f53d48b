"""Photographs with a style: the digest knows both, the style has the size that is asked for."""

from dataclasses import replace

import torch
from PIL import Image

from tests.helpers.photographs import photographs, splits
from zoo.data.image.styled_photographs import StyledPhotographs, read_style

STYLE = photographs(1, seed=9).images[0]


def test_it_is_the_photographs_and_the_style():
    data = StyledPhotographs(splits(), STYLE, "blobs")
    assert (data.name, data.licence) == ("drawn", "none")
    assert data.about()["style"] == "blobs"
    assert data.examples() == data.photographs.examples()
    other = replace(data, style=255 - STYLE)
    assert data.digest() != other.digest()
    assert data.digest() == StyledPhotographs(splits(test=5), STYLE, "the same").digest()


def test_a_style_is_read_at_a_size(tmp_path):
    path = tmp_path / "style.png"
    Image.fromarray(torch.zeros(60, 90, 3, dtype=torch.uint8).numpy()).save(path)
    assert read_style(path).shape == (3, 60, 90)
    assert read_style(path, 45).shape == (3, 30, 45)
