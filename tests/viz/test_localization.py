"""Figures of localization: a box, points, nothing, a sheet of mistakes."""

import numpy as np
import torch
from matplotlib.patches import Rectangle
from PIL import Image

from zoo.viz.localization import LocatedMistake, LocatedMistakes, located_figure

PICTURE = torch.full((3, 20, 30), 90, dtype=torch.uint8)


def test_a_box_and_points_lie_where_they_are_said_to():
    axis = located_figure(PICTURE, [(4, 5), (14, 15)], "cat", boxes=True).axes[0]
    (box,) = [patch for patch in axis.patches if isinstance(patch, Rectangle)]
    assert box.get_bbox().extents.tolist() == [4, 5, 14, 15]
    axis = located_figure(PICTURE, [(4, 5), (14, 15), (7, 8)], "face", boxes=False).axes[0]
    assert axis.lines[0].get_xydata().tolist() == [[4, 5], [14, 15], [7, 8]]
    axis = located_figure(PICTURE, [], "nothing", boxes=False).axes[0]
    assert not axis.lines
    assert not axis.patches


def test_a_sheet_of_mistakes(tmp_path):
    one = torch.tensor([[2.0, 3.0], [9.0, 9.0]])
    items = (
        LocatedMistake(PICTURE, one, None, "cat, found nothing: p 0.10, iou 0.00"),
        LocatedMistake(PICTURE, None, one, "nothing, found cat: p 0.90"),
    )
    sheet = LocatedMistakes(items, boxes=True, title="pets, test")
    assert len(sheet) == 2
    assert str(sheet).splitlines()[1] == "nothing, found cat: p 0.90"
    sheet.save(tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as image:
        pixels = np.array(image.convert("RGB")).reshape(-1, 3)
    colours = {tuple(row) for row in np.unique(pixels, axis=0).tolist()}
    assert (0, 255, 0) in colours  # what is there
    assert (255, 0, 0) in colours  # what was found
