"""Pictures are written, show what they should, and need no screen."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from tests.helpers.small_weights import plain_card
from zoo.errors import CannotWrite
from zoo.viz.classification import classification_figure
from zoo.viz.curves import learning_curve
from zoo.viz.mistakes import Mistake, mistakes_sheet, save_image

ROWS = [
    {"step": 10, "lr": 0.1, "loss": 1.0},
    {"step": 20, "lr": 0.1, "loss": 0.5, "dev_error": 9.0},
    {"step": 40, "lr": 0.1, "loss": 0.1, "dev_error": 4.0},
]


def pixels_of(path, mode):
    with Image.open(path) as image:
        return np.array(image.convert(mode))


def ink(path):
    return int((pixels_of(path, "L") < 128).sum())


def test_the_curve_has_a_line_for_each_run_and_the_published_number(tmp_path):
    learning_curve({"a": ROWS}, tmp_path / "one.png")
    learning_curve({"a": ROWS, "b": ROWS[:2]}, tmp_path / "two.png", of=plain_card("mlp.x", b""))
    assert ink(tmp_path / "one.png") > 500
    assert ink(tmp_path / "two.png") > ink(tmp_path / "one.png")


def test_a_run_without_scores_is_drawn_too(tmp_path):
    learning_curve({"a": ROWS[:1]}, tmp_path / "x.png")
    assert ink(tmp_path / "x.png") > 100


@pytest.mark.parametrize("count", [0, 1, 8, 11])
def test_the_sheet_holds_every_mistake(tmp_path, count):
    one = Mistake(torch.full((1, 28, 28), 255, dtype=torch.uint8), "3", "8", 0.9)
    mistakes_sheet([one] * count, tmp_path / "sheet.png", title="test")
    assert pixels_of(tmp_path / "sheet.png", "L").shape[1] == 990


def test_a_picture_is_saved_as_it_is(tmp_path):
    pixels = torch.randint(0, 256, (3, 5, 7), dtype=torch.uint8)
    save_image(pixels, tmp_path / "x.png")
    assert np.array_equal(pixels_of(tmp_path / "x.png", "RGB"), pixels.permute(1, 2, 0).numpy())


def test_an_answer_is_drawn_with_its_probabilities():
    figure = classification_figure(
        torch.zeros(1, 8, 8, dtype=torch.uint8), (("7", 0.8), ("1", 0.2))
    )
    bars = [round(bar.get_width()) for bar in figure.axes[1].patches]
    assert bars == [20, 80]


def test_a_folder_that_is_not_there_is_said_and_nothing_is_left(tmp_path):
    with pytest.raises(CannotWrite, match="curve.png"):
        learning_curve({"a": ROWS}, tmp_path / "no" / "curve.png")
    assert list(tmp_path.iterdir()) == []


def test_pyplot_is_never_imported():
    """It could need a window system."""
    named = re.compile(r"^ *(import|from) .*\bpyplot\b", re.MULTILINE)
    assert named.search("def f():\n    from matplotlib import pyplot as plt\n")
    files = list(Path(zoo.__file__).parent.rglob("*.py"))
    assert len(files) > 200
    assert [path for path in files if named.search(path.read_text(encoding="utf-8"))] == []
