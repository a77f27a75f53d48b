"""Rows of pictures with a line each."""

import torch
from PIL import Image

from zoo.viz.picture_sheet import PictureSheet, Row


def test_a_sheet_is_text_and_a_file(tmp_path):
    picture = torch.zeros(3, 8, 10, dtype=torch.uint8)
    rows = (Row((picture, picture), "a: 1"), Row((picture, picture), "b: 2"))
    sheet = PictureSheet(rows, ("x", "y"))
    assert (len(sheet), str(sheet)) == (2, "a: 1\nb: 2")
    sheet.titled("t").save(tmp_path / "a.png")
    PictureSheet((Row((picture,), "alone"),)).save(tmp_path / "b.png")
    PictureSheet(()).save(tmp_path / "c.png")
    sizes = {}
    for name in "abc":
        with Image.open(tmp_path / f"{name}.png") as image:
            sizes[name] = image.size
    assert sizes["a"][0] > sizes["b"][0]
    assert sizes["a"][1] > sizes["b"][1]
