"""The detector's answer: what it prints, writes, cuts out and draws."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.helpers.colour_detector import detector, scene
from zoo.errors import BadInput, Missing
from zoo.predictors.detection_answer import DetectedObjects

PICTURE = scene((100, 50), red=(20, 10, 60, 40), blue=(80, 5, 90, 20))


@pytest.fixture
def answer():
    boxes = torch.tensor([[20.0, 10, 60, 40], [80, 5.5, 90.25, 20], [0, 0, 0.2, 0.2]])
    classes, ids = ("red", "green", "traffic light/é"), torch.tensor([0, 2, 0])
    scores = torch.tensor([0.9, 0.75, 0.5])
    return DetectedObjects(boxes, scores, ids, classes, 100, 50, 0.25, PICTURE)


def test_one_line(answer):
    assert str(answer) == "2 red, 1 traffic light/é (best: red 90.0 %)"
    alone = detector()(scene(green=(0, 0, 50, 50)))
    assert str(alone) == "1 green 100.0 %"
    assert str(detector(threshold=0.5)(scene())) == "nothing found (scores from 0.5)"
    assert "raw" not in repr(answer)


def test_json(answer):
    record = json.loads(answer.files("json")[".json"])
    assert record == json.loads(json.dumps(answer.to_json()))
    assert record["objects"][1] == {
        "label": "traffic light/é",
        "score": 0.75,
        "box": [80.0, 5.5, 90.25, 20.0],
    }
    assert (record["width"], record["height"], len(record["objects"])) == (100, 50, 3)


def test_txt_is_yolos_form_with_the_score(answer):
    lines = answer.files("txt")[".txt"].decode().splitlines()
    assert lines[0] == "0 0.400000 0.500000 0.400000 0.600000 0.900000"
    label, *numbers = lines[1].split()
    assert label == "2"
    centre, size, score = np.float64(numbers[:2]), np.float64(numbers[2:4]), float(numbers[4])
    corners = np.concatenate([centre - size / 2, centre + size / 2]) * (100, 50, 100, 50)
    assert corners == pytest.approx([80, 5.5, 90.25, 20], abs=1e-4)
    assert score == 0.75
    assert detector()(scene()).files("txt") == {".txt": b""}


def test_crops_are_the_pixels_of_the_boxes(answer):
    files = answer.files("crops")
    assert list(files) == ["_0_red.png", "_1_traffic_light_é.png", "_2_red.png"]
    sizes = [Image.open(io.BytesIO(data)).size for data in files.values()]
    assert sizes == [(40, 30), (11, 15), (1, 1)]
    first = Image.open(io.BytesIO(files["_0_red.png"]))
    assert first.tobytes() == PICTURE.crop((20, 10, 60, 40)).tobytes()


def test_a_box_at_the_very_edge_has_a_crop(answer):
    edge = torch.tensor([[99.9999, 49.9999, 100, 50]])
    one = DetectedObjects(edge, torch.ones(1), torch.zeros(1).long(), ("x",), 100, 50, 0.1, PICTURE)
    assert [crop.size for crop in one.crops()] == [(1, 1)]


def test_another_kind_of_file_is_refused_with_those_there_are(answer):
    with pytest.raises(BadInput, match="not saved as bmp; it can be as json or txt or crops"):
        answer.files("bmp")


def test_saving_makes_the_folder_and_replaces(answer, tmp_path):
    paths = answer.save(tmp_path / "a" / "b", "txt", "smear")
    assert [path.name for path in paths] == ["smear.txt"]
    assert answer.save(tmp_path / "a" / "b", "txt", "smear") == paths
    assert len(answer.save(tmp_path, "crops", "smear")) == 3
    assert [path.name for path in answer.save(tmp_path)] == ["answer.json"]
    with pytest.raises(BadInput, match="not saved as pdf"):
        answer.save(tmp_path, "pdf")


def test_pixels_are_read_again_and_a_file_that_has_gone_is_named(tmp_path):
    PICTURE.save(tmp_path / "a.png")
    answer = detector()(tmp_path / "a.png")
    assert answer.image().shape == (3, 50, 100)
    (tmp_path / "a.png").unlink()
    with pytest.raises(Missing, match="a.png"):
        answer.crops()


def test_it_is_drawn_into_its_own_pixels_and_as_a_figure(answer, tmp_path):
    picture = answer.picture()
    assert picture.size == (100, 50)
    assert picture.tobytes() != PICTURE.tobytes()
    answer.plot().savefig(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as drawn:
        assert drawn.size[0] > 100


@pytest.mark.parametrize("size", [(5000, 1), (1, 5000), (1, 1)])
def test_thin_pictures_are_drawn(size, tmp_path):
    answer = detector()(scene(size, red=(0, 0, *size)))
    answer.plot().savefig(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as drawn:
        assert max(drawn.size) < 2000


def test_points_go_where_the_boxes_go(answer):
    """In JSON, in the line of txt before the score, as dots; faces come out aligned too."""
    five = torch.tensor([[[30.0, 20], [50, 20], [40, 25], [32, 32], [48, 32]]]).repeat(3, 1, 1)
    pointed = replace(answer, points=five)
    assert pointed.to_json()["objects"][1]["points"] == five[0].tolist()
    assert "points" not in answer.to_json()["objects"][0]
    line = pointed.files("txt")[".txt"].decode().splitlines()[0].split()
    assert len(line) == len(["0", "x", "y", "w", "h"]) + 10 + 1
    assert [float(x) for x in line[5:7]] == [0.3, 0.4]
    assert line[-1] == "0.900000"
    crops = pointed.files("crops")
    assert list(crops)[3:] == [f"{name[:-4]}_aligned.png" for name in list(crops)[:3]]
    assert Image.open(io.BytesIO(crops["_0_red_aligned.png"])).size == (160, 160)
    assert pointed.picture().tobytes() != answer.picture().tobytes()
    assert [face.size for face in pointed.faces(64, margin=8, aligned=False)] == [(64, 64)] * 3
    with pytest.raises(BadInput, match="only faces with five points can be aligned"):
        answer.faces()
