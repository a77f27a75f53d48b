"""Mistakes cut out of images, and the sheet of them."""

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.viz.detection_mistakes import LEAST, DetectionMistakes, cut

NONE = torch.zeros(0, 4)


def coordinates(height, width):
    """An image whose red is the column and whose green is the row."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([columns, rows, 0 * rows]).to(torch.uint8)


@pytest.mark.parametrize(
    "box", [[100.0, 100, 120, 140], [0, 0, 10, 10], [190, 170, 200, 180], [-5, 150, 30, 210]]
)
def test_a_cut_holds_the_box_and_what_is_around_it(box):
    image, corners = coordinates(180, 200), torch.tensor(box)
    one = cut(image, corners, corners[None] + 3, "two\nlines", "all")
    height, width = one.pixels.shape[1:]
    left, top = int(one.pixels[0, 0, 0]), int(one.pixels[1, 0, 0])
    assert min(height, width) >= LEAST
    assert (one.pixels == image[:, top : top + height, left : left + width]).all()
    assert (one.box + torch.tensor([left, top] * 2)).tolist() == box
    assert torch.equal(one.truth[0], one.box + 3)


def test_a_cut_is_no_larger_than_the_image():
    assert (
        cut(coordinates(1, 250), torch.tensor([0.0, 0, 250, 1]), NONE, "", "").pixels.shape[1] == 1
    )


def cuts(count):
    image = torch.full((3, 60, 60), 128, dtype=torch.uint8)
    box = torch.tensor([20.0, 20, 40, 40])
    return tuple(cut(image, box, box[None], "x", f"mistake {n}") for n in range(count))


@pytest.mark.parametrize(("missed", "alarms"), [(0, 0), (1, 0), (0, 9), (9, 1)])
def test_the_sheet_holds_all(missed, alarms, tmp_path):
    mistakes = DetectionMistakes(cuts(missed), cuts(alarms), "set, test")
    mistakes.save(tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    assert bool(((red > 240) & (green < 90) & (blue < 90)).sum() > 50) is bool(missed)
    assert bool(((red > 240) & (abs(green - 154) < 12) & (blue < 60)).sum() > 50) is bool(alarms)
    assert len(mistakes) == missed + alarms
    assert str(mistakes).count("mistake") == missed + alarms
