"""Pictures as files: the format is that of the suffix, and nothing is left half-written."""

import pytest
import torch
from PIL import Image

from zoo.data.image.write import FORMATS, format_for, save_image, to_image
from zoo.errors import BadInput, CannotWrite


def test_values_are_rounded_and_cut():
    picture = torch.tensor([-1.0, 0.0, 0.1, 0.5, 1.0, 7.0]).expand(3, 1, 6)
    assert [to_image(picture).getpixel((x, 0))[0] for x in range(6)] == [0, 0, 26, 128, 255, 255]


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_suffix_gives_the_format(tmp_path, suffix):
    image = Image.new("RGB", (8, 5), "red")
    path = save_image(image, tmp_path / f"a{suffix.upper()}")
    with Image.open(path) as again:
        assert (again.format, again.size) == (FORMATS[suffix], (8, 5))
        assert again.convert("RGB").getpixel((4, 2))[0] > 240


def test_what_is_not_written(tmp_path):
    with pytest.raises(BadInput, match=r"a.tiff has no end of an image .* .png, .jpg"):
        format_for(tmp_path / "a.tiff")
    with pytest.raises(CannotWrite, match="there is no folder"):
        save_image(Image.new("RGB", (2, 2)), tmp_path / "no" / "a.png")
    assert list(tmp_path.iterdir()) == []
