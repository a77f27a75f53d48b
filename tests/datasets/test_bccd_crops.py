"""Crops of blood smears: one whole cell in each, or none, and nothing that gives it away."""

import pytest
import torch

from zoo.data.image.boxes.images import BoxedImages
from zoo.data.image.located_images import NOTHING
from zoo.data.root import data_folder
from zoo.datasets.bccd_crops import CLASSES, SMALL, WINDOW, bccd_crops, crops
from zoo.ops.boxes.objects import objects
from zoo.ops.letterbox import Placement


def photographs(*truths):
    """Images in which each pixel says where it is."""
    rows, columns = torch.meshgrid(torch.arange(180), torch.arange(240), indexing="ij")
    one = torch.stack([rows, columns, rows * 0]).to(torch.uint8)
    place = Placement(0, 0, 240, 180, 640, 480)
    found = tuple(
        objects([box for box, _ in truth], [kind for _, kind in truth]) for truth in truths
    )
    names = ("RBC", "WBC", "Platelets")
    return BoxedImages(one.expand(len(truths), -1, -1, -1), found, (place,) * len(truths), names)


WHITE, PLATELET, RED = ([20, 30, 90, 100], 1), ([200, 20, 216, 36], 2), ([120, 100, 160, 140], 0)


def test_windows_hold_one_whole_cell_and_touch_no_other():
    made = crops(photographs([WHITE, PLATELET, RED]), "test", 8)
    assert made.classes == CLASSES
    assert [int((made.labels == kind).sum()) for kind in (0, 1)] == [8, 8]
    assert {0, 1, NOTHING} == set(made.labels.tolist())
    for pixels, points, label in zip(made.pixels, made.points, made.labels.tolist(), strict=True):
        top, left = int(pixels[0, 0, 0]), int(pixels[1, 0, 0])  # where the window lies
        inside = []
        for box, kind in (WHITE, PLATELET):
            x1, y1, x2, y2 = (v - d for v, d in zip(box, (left, top, left, top), strict=True))
            if x1 < WINDOW and y1 < WINDOW and x2 > 0 and y2 > 0:
                inside.append((kind - 1, [x1, y1, x2, y2]))
        if label == NOTHING:
            assert inside == []
            assert not points.any()
        else:
            assert inside == [(label, points.flatten().int().tolist())]
            assert min(inside[0][1]) >= 0
            assert max(inside[0][1]) <= WINDOW


def test_windows_are_the_same_each_time_and_differ():
    first, again = (crops(photographs([WHITE]), "train", 6) for _ in range(2))
    assert torch.equal(first.pixels, again.pixels)
    assert torch.equal(first.points, again.points)
    assert len(first.points[first.labels == 0].unique(dim=0)) == 6
    other = crops(photographs([WHITE]), "dev", 6)
    assert not torch.equal(first.pixels[:6], other.pixels[:6])


def test_cells_that_fit_no_window_are_left_out():
    made = crops(photographs([([10, 10, 110, 60], 1)]), "train", 4)
    assert not (made.labels == 0).any()
    two = crops(photographs([([100, 100, 140, 140], 1), ([110, 110, 120, 120], 2)]), "train", 4)
    assert set(two.labels.tolist()) <= {NOTHING}


@pytest.mark.skipif(
    not (data_folder() / "bccd").is_dir(), reason="BCCD is not in the data folder (ZOO_DATA)"
)
def test_the_real_set():
    data = bccd_crops()
    assert {k: len(v) for k, v in data.parts().items()} == {"train": 4232, "dev": 621, "test": 532}
    assert SMALL == (180, 240)
    counts = {k: (v.labels + 1).bincount().tolist() for k, v in data.parts().items()}
    assert counts["test"] == [207, 213, 112]
    for part in data.parts().values():
        there = part.points[part.present]
        assert there.min() >= 0
        assert there.max() <= WINDOW
        assert (there[:, 1] > there[:, 0]).all()
    pixels = [{digests[0] for digests in part} for part in data.examples().values()]
    assert not pixels[0] & pixels[2]  # by photograph
    assert not pixels[1] & pixels[2]
