"""The confusion matrix, in words and as a picture."""

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.viz.confusion import confusion_figure, confusion_text


def test_every_count_is_in_its_row_and_column():
    counts = torch.tensor([[30, 1, 0], [2, 40, 3], [0, 0, 0]])
    lines = confusion_text(counts, ("ant", "a very long name", "花")).split("\n")
    assert lines[0].split() == ["label", "ant", "a", "very", "long…", "花", "error"]
    assert lines[1].split() == ["ant", "30", "1", ".", "3.2", "%"]
    assert lines[2].split()[-5:] == ["2", "40", "3", "11.1", "%"]
    assert lines[3].split()[-1] == "none"  # no picture has this label
    mean = (100 / 31 + 500 / 45) / 2
    assert lines[4] == f"error {100 * 6 / 76:.2f} %, mean over the classes {mean:.2f} % (76 images)"
    assert len({line.rindex(end) for line, end in zip(lines[1:3], "%%", strict=True)}) == 1


def test_many_classes_give_the_worst_confusions():
    counts = 5 * torch.eye(40, dtype=torch.int64)
    counts[3, 7], counts[8, 2] = 4, 9
    lines = confusion_text(counts, tuple(f"class {k}" for k in range(40))).split("\n")
    assert lines[:2] == [
        "class 8 predicted as class 2: 9 of 14",
        "class 3 predicted as class 7: 4 of 9",
    ]
    assert len(lines) == 3


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("classes", [1, 2, 10, 31, 100])
def test_the_picture_shows_where_the_counts_are(tmp_path, classes):
    names = tuple(f"class {k}" for k in range(classes))
    eye = 9 * torch.eye(classes, dtype=torch.int64)
    confusion_figure(eye, names, tmp_path / "right.png", title="all right")
    confusion_figure(eye.flip(1), names, tmp_path / "wrong.png")
    blue = pixels(tmp_path / "right.png")
    assert ((blue[:, :, 2] - blue[:, :, 0]) > 60).sum() > 100
    if classes > 1:
        other = pixels(tmp_path / "wrong.png")
        assert blue.shape != other.shape or (blue != other).any()
