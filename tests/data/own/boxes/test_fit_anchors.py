"""Anchors of the user's data: as a network sees the boxes; what is left out is told."""

import json
from pathlib import Path

import pytest
import torch

from tests.data.own.boxes.sets import write_yolo
from zoo.data.own.boxes import Box, Picture
from zoo.data.own.boxes.fit_anchors import fit_anchors, sizes_in_input
from zoo.data.root import data_folder
from zoo.errors import BadFile, BadInput, Missing


def coco(tmp_path, boxes, size=(200, 100)):
    width, height = size
    images = [{"id": 7, "file_name": "a.jpg", "width": width, "height": height}]
    rows = [{"id": i, "image_id": 7, "category_id": 1, "bbox": box} for i, box in enumerate(boxes)]
    path = tmp_path / "boxes.json"
    categories = [{"id": 1, "name": "cat"}]
    path.write_text(json.dumps({"images": images, "annotations": rows, "categories": categories}))
    return path


def test_sizes_are_those_in_the_networks_input(tmp_path):
    path = coco(tmp_path, [[0, 0, 20, 10], [5, 5, 20, 10], [9, 9, 60, 60]])
    found = fit_anchors(path, 2, (50, 50))
    assert found.sizes == [(5, 2.5), (15, 15)]
    assert (found.mean_iou, found.images, found.boxes, found.notices) == (1, 1, 3, ())
    assert fit_anchors(path, 2, (50, 50), fit="stretch").sizes == [(5, 5), (15, 30)]


def test_boxes_without_area_and_crowds_are_left_out_and_told():
    flat, crowd = Box("a", (1, 1, 1, 9), 1), Box("a", (0, 0, 50, 50), 1, crowd=True)
    nan = Box("a", (0, 0, float("nan"), 9), 1)
    boxes = (flat, crowd, nan, Box("a", (0, 0, 4, 2), 1))
    pictures = [Picture(Path("x.jpg"), Path("x"), 1, (100, 100), "", boxes)]
    sizes, notices = sizes_in_input(pictures, (50, 50), "letterbox")
    assert sizes.tolist() == [[2, 1]]
    assert notices == ("left out 2 boxes without area", "left out 1 box of crowds")
    assert sizes_in_input([], (50, 50), "letterbox")[0].shape == torch.Size([0, 2])


def test_what_cannot_be_measured_is_named(tmp_path):
    with pytest.raises(Missing, match="there is no file"):
        fit_anchors(tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    broken.write_text('{"images": [')
    with pytest.raises(BadFile, match="broken.json"):
        fit_anchors(broken)
    path = coco(tmp_path, [[0, 0, 20, 10]])
    with pytest.raises(BadInput, match="9 anchors need at least 9 different sizes, got 1 in 1"):
        fit_anchors(path)
    with pytest.raises(BadInput, match="size must be height and width"):
        fit_anchors(path, 1, (0, 416))
    with pytest.raises(BadInput, match="fit must be one of letterbox, stretch"):
        fit_anchors(path, 1, fit="crop")
    path.write_text('{"images": [{"id": 1}], "annotations": [], "categories": []}')
    with pytest.raises(BadFile, match=r"json:1 is not understood: KeyError\('width'\)"):
        fit_anchors(path)


@pytest.mark.parametrize("number", ["0", "-3", "Infinity", "NaN", '"wide"', "null"])
def test_an_image_without_a_size_is_named_with_its_line(tmp_path, number):
    path = tmp_path / "boxes.json"
    image = f'{{"id": 7, "width": {number}, "height": 9}}'
    path.write_text(f'{{"images": [\n{image}], "annotations": [], "categories": []}}')
    with pytest.raises(BadFile, match=r"boxes.json:2 is not understood"):
        fit_anchors(path, 1)


def test_lists_in_lists_without_end_are_no_json(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text('{"images": ' + "[" * 100_000)
    with pytest.raises(BadFile, match=r"deep.json:1: no JSON"):
        fit_anchors(path, 1)


def test_a_folder_in_any_form_is_measured_and_its_faults_are_told(tmp_path):
    root = write_yolo(tmp_path / "cats", {"a": [("cat", 0, 0, 20, 10), ("cat", 5, 5, 5, 9)]})
    found = fit_anchors(root, 1, (96, 128))
    assert (found.sizes, found.images, found.boxes) == ([(40.0, 20.0)], 1, 1)
    assert "labels/a.txt:2: cat: no area" in found.notices[-1]


def test_coco_100_reaches_what_the_facts_say():
    path = data_folder() / "coco100" / "instances_val2014_100.json.gz"
    if not path.is_file():
        pytest.skip("COCO-100 is not in the data folder")
    medians, means = fit_anchors(path, 9), fit_anchors(path, 9, centre="mean")
    assert medians.mean_iou >= 0.618
    assert means.mean_iou < medians.mean_iou
