"""Scores of COCO's files: the golden answer on COCO-100, and files that cannot be read."""

import gzip
import json

import pytest

from zoo.data.root import data_folder
from zoo.errors import BadFile, Missing
from zoo.metrics.detection.coco_files import read_coco_files, score_coco_files

GOLDEN = (0.505, 0.697, 0.573, 0.586, 0.519, 0.501, 0.387, 0.594, 0.595, 0.640, 0.566, 0.564)
TRUTH = {
    "images": [{"id": 7}, {"id": 3}],
    "categories": [{"id": 9, "name": "cat"}, {"id": 4, "name": "dog"}],
    "annotations": [
        {"image_id": 7, "category_id": 9, "bbox": [10, 20, 30, 40], "area": 700.5, "iscrowd": 0},
        {"image_id": 7, "category_id": 4, "bbox": [0, 0, 5, 5], "iscrowd": 1},
    ],
}
FOUND = [
    {"image_id": 7, "category_id": 4, "bbox": [0, 0, 5, 4], "score": 0.25},
    {"image_id": 7, "category_id": 9, "bbox": [10, 20, 30, 39], "score": 0.5},
]


@pytest.fixture(scope="module")
def coco100():
    folder = data_folder() / "coco100"
    if not folder.is_dir():
        pytest.skip("needs ZOO_DATA/coco100")
    names = "instances_val2014_100.json.gz", "instances_val2014_fakebbox100_results.json.gz"
    return score_coco_files(*(folder / name for name in names))


def test_coco_100_has_the_golden_answer(coco100):
    assert list(coco100.coco.twelve.values()) == pytest.approx(GOLDEN, abs=1e-3)


def test_the_other_protocols_on_coco_100(coco100):
    means = coco100.means
    assert means["map_voc07"] == pytest.approx(69.17, abs=0.005)
    assert means["map_voc10"] == pytest.approx(69.74, abs=0.005)
    assert means["map_coco50"] == pytest.approx(69.70, abs=0.005)


@pytest.fixture
def write(tmp_path):
    def both(truth, found):
        paths = tmp_path / "truth.json", tmp_path / "found.json.gz"
        paths[0].write_text(json.dumps(truth))
        paths[1].write_bytes(gzip.compress(json.dumps(found).encode()))
        return paths

    return both


def test_images_and_classes_are_sorted_by_their_ids(write):
    read = read_coco_files(*write(TRUTH, FOUND))
    assert read.classes == ("dog", "cat")
    assert [one.size for one in read.objects] == [0, 2]
    assert read.objects[1].boxes.tolist() == [[10, 20, 40, 60], [0, 0, 5, 5]]
    assert read.objects[1].labels.tolist() == [1, 0]
    assert read.objects[1].crowd.tolist() == [False, True]
    assert read.areas == ((), (700.5, 25.0))
    assert read.detections[1].labels.tolist() == [1, 0]  # the highest score first
    assert read.detections[1].boxes.tolist() == [[10, 20, 40, 59], [0, 0, 5, 4]]


def changed(record, **fields):
    return {**record, **fields}


def crowds(value):
    return changed(TRUTH, annotations=[changed(TRUTH["annotations"][0], iscrowd=value)])


@pytest.mark.parametrize(
    ("truth", "found", "message"),
    [
        (TRUTH, {}, "found.json.gz must hold a list of results"),
        ([], [], "truth.json must hold an object with annotations"),
        ({"images": []}, [], "truth.json has no list 'categories'"),
        (changed(TRUTH, images=[{"id": 7}] * 2), [], "entry 1 of images has the id 7 once more"),
        (changed(TRUTH, images=[{}]), [], "entry 0 of images has no whole number as its id"),
        (changed(TRUTH, images=[{"id": 3}]), [], "annotations has image_id 7, which"),
        (TRUTH, [changed(FOUND[0], category_id=5)], "results has category_id 5, which"),
        (TRUTH, [changed(FOUND[0], bbox=[1, 2, 3])], r"width and height, got \[1, 2, 3\]"),
        (TRUTH, [changed(FOUND[0], bbox=[1, 2, 3, "4"])], "finite numbers, got '4'"),
        (TRUTH, [FOUND[1], changed(FOUND[0], score=float("nan"))], "entry 1 .* score .* got nan"),
        (TRUTH, [{"image_id": 7, "category_id": 4, "bbox": [0] * 4}], "score .* got None"),
        (TRUTH, [changed(FOUND[0], bbox=[1, 2, -3, 4])], r"not be below 0, got \[1, 2, -3, 4\]"),
        (crowds("0"), [], "entry 0 of the annotations: iscrowd must be 0 or 1, got '0'"),
        (crowds(2), [], "iscrowd must be 0 or 1, got 2"),
        (TRUTH, [None], "entry 0 of the results is no object, got None"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(write, truth, found, message):
    with pytest.raises(BadFile, match=message):
        read_coco_files(*write(truth, found))


def test_a_file_that_is_not_there_or_no_json(tmp_path, write):
    truth, found = write(TRUTH, FOUND)
    with pytest.raises(Missing, match="no file .*nowhere.json; expected COCO results"):
        read_coco_files(truth, tmp_path / "nowhere.json")
    with pytest.raises(BadFile) as caught:
        read_coco_files(truth, tmp_path)
    assert str(caught.value) == f"{tmp_path} is a folder; expected COCO results"
    truth.write_text('{"images":')
    with pytest.raises(BadFile, match="truth.json is not JSON"):
        read_coco_files(truth, found)
