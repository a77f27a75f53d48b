"""COCO's files: splits by their names, where images lie, ids, every fault of an entry."""

import copy
import json

import pytest

from tests.data.own.boxes.sets import PLAIN, coco_record, write_coco, write_image
from zoo.data.own.boxes.box_list import list_boxes
from zoo.data.own.boxes.coco import split_word
from zoo.errors import BadFile, BadInput


def write(path, record):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record), encoding="utf-8")


def splits(listed):
    return {name: [one.image.stem for one in part] for name, part in listed.parts.items()}


def test_the_layout_of_coco_itself(tmp_path):
    for split in ("train2017", "val2017"):
        for seed, name in enumerate(PLAIN):
            write_image(tmp_path / split / f"{name}.png", seed)
        write(tmp_path / "annotations" / f"instances_{split}.json", coco_record(PLAIN))
    listed = list_boxes(tmp_path)
    assert splits(listed) == {"train": ["a", "b", "c"], "dev": ["a", "b", "c"]}
    assert listed.faults == ()
    folders = {name: {one.image.parent.name for one in part} for name, part in listed.parts.items()}
    assert folders == {"train": {"train2017"}, "dev": {"val2017"}}


def test_the_same_paths_below_the_folders_of_two_splits(tmp_path):
    for split in ("train", "val"):
        for seed, name in enumerate(PLAIN):
            write_image(tmp_path / split / "cam1" / f"{name}.png", seed)
        record = coco_record({f"cam1/{name}": boxes for name, boxes in PLAIN.items()})
        write(tmp_path / f"{split}.json", record)
    listed = list_boxes(tmp_path)
    assert (listed.faults, splits(listed)) == ((), {name: list(PLAIN) for name in ("train", "dev")})


def test_captions_and_keypoints_beside_the_instances_are_left_out_and_told(tmp_path):
    write_coco(tmp_path)
    (tmp_path / "boxes.json").rename(tmp_path / "instances_train2017.json")
    for kind in ("captions", "person_keypoints"):
        write(tmp_path / f"{kind}_train2017.json", {"images": [], "annotations": []})
    listed = list_boxes(tmp_path)
    assert splits(listed) == {"train": ["a", "b", "c"]}
    names = "captions_train2017.json, person_keypoints_train2017.json"
    assert listed.notices == (f"left out: JSON files beside instances_* (2: {names})",)


def test_categories_without_any_are_said_to_be_empty(tmp_path):
    write_coco(tmp_path)
    write(tmp_path / "boxes.json", {**coco_record(PLAIN), "categories": []})
    assert "expected one of categories, which is empty" in list_boxes(tmp_path).faults[0].what


def test_a_file_in_the_folder_of_each_split(tmp_path):
    for split in ("train", "valid"):
        for seed, name in enumerate(PLAIN):
            write_image(tmp_path / split / f"{name}.png", seed)
        write(tmp_path / split / "_annotations.coco.json", coco_record(PLAIN))
    assert splits(list_boxes(tmp_path)) == {"train": ["a", "b", "c"], "dev": ["a", "b", "c"]}


def test_a_file_alone_and_paths_in_names(tmp_path):
    write_coco(tmp_path)
    write(tmp_path / "boxes.json", coco_record(PLAIN, suffix=".png"))
    assert splits(list_boxes(tmp_path / "boxes.json")) == {"train": ["a", "b", "c"]}
    record = coco_record({f"D:\\x\\images\\{name}": boxes for name, boxes in PLAIN.items()})
    write(tmp_path / "boxes.json", record)
    assert list_boxes(tmp_path).faults == ()


def test_two_files_of_no_split_and_other_classes(tmp_path):
    write_coco(tmp_path)
    write(tmp_path / "more.json", coco_record(PLAIN))
    with pytest.raises(BadInput, match=r"2 files of COCO: boxes.json \(no split\), more.json"):
        list_boxes(tmp_path)
    write(tmp_path / "test.json", coco_record({}, classes=("cat", "cow")))
    (tmp_path / "boxes.json").rename(tmp_path / "train.json")
    (tmp_path / "more.json").unlink()
    with pytest.raises(BadInput, match="has the classes cat, dog; expected cat, cow"):
        list_boxes(tmp_path)


def test_words_in_names():
    words = ("instances_val2014", "test-dev", "person_keypoints_Train2017", "latest", "boxes")
    assert list(map(split_word, words)) == ["dev", "test", "train", "", ""]


FAULTS = {
    "bbox": [
        ([1, 2, 3], "bbox is [1, 2, 3], expected four numbers, x y w h"),
        ([1, 2, "3", 4], "expected four numbers"),
        (None, "bbox is None"),
        ([1, 2, 0, 4], "cat: no area: x 1 to 1, y 2 to 6"),
        ([1, 2, -3, 4], "cat: the first corner is beyond the second"),
        ([1, 2, float("nan"), 4], "cat: not finite"),
        ([1, 2, float("inf"), 4], "cat: not finite"),
        ([60, 2, 30, 4], "cat: outside the image of 64 x 48 pixels: x 60 to 90, y 2 to 6"),
    ],
    "category_id": [
        (2, "category_id is 2, expected one of 1, 3"),  # a gap is no class
        (-1, "category_id is -1"),
        (1.0, "category_id is 1.0"),
        (None, "category_id is None"),
    ],
    "image_id": [
        (77, "cat is in image 77, which there is not"),
        ("0", "image_id is '0', expected a whole number"),
    ],
}


@pytest.mark.parametrize(
    ("key", "value", "what"), [(key, *one) for key, some in FAULTS.items() for one in some]
)
def test_a_fault_names_the_line_and_the_annotation(tmp_path, key, value, what):
    write_coco(tmp_path)
    record = coco_record(PLAIN)
    record["annotations"][0][key] = value
    write(tmp_path / "boxes.json", record)
    listed = list_boxes(tmp_path)
    assert len(listed.faults) == 1
    assert str(listed.faults[0]).startswith("boxes.json:1 (annotation 0): ")
    assert what in listed.faults[0].what
    assert sum(len(one.boxes) for one in listed.parts["train"]) == 2


def test_faults_of_images(tmp_path):
    write_coco(tmp_path)
    record = coco_record(PLAIN)
    record["images"].append(copy.deepcopy(record["images"][0]))
    record["images"].append({"id": 8, "file_name": "images/a.png"})
    record["images"].append({"id": 9, "file_name": "none.png"})
    record["images"].append({"file_name": "a.png"})
    record["images"][1]["width"] = 640
    write(tmp_path / "boxes.json", record)
    assert [fault.what for fault in list_boxes(tmp_path).faults] == [
        "b.png is said to be 640 x 48, it is 64 x 48",
        "image 0 is in line 1 already",
        "the image a.png has its boxes in boxes.json:1 (image 0)",
        "there is no image none.png",
        "an image must have a whole number as id and a file_name",
    ]


@pytest.mark.parametrize("width", [float("nan"), float("inf"), -5, 10**400])
def test_a_size_that_is_none_is_a_fault_of_its_line(tmp_path, width):
    write_coco(tmp_path)
    record = coco_record(PLAIN)
    record["images"][0]["width"] = width
    write(tmp_path / "boxes.json", record)
    fault = list_boxes(tmp_path).faults[0]
    assert fault.where == "boxes.json:1"
    assert f"the size is {width!s:.3}" in fault.what


def test_categories_must_have_names_of_their_own(tmp_path):
    write_coco(tmp_path)
    for entry, what in (
        ({"id": 1, "name": "cow"}, "category 1"),
        ({"id": 9}, "must have a whole number as id"),
        ({"id": 9, "name": "cat"}, r"\(cat\) is there twice"),
    ):
        record = coco_record(PLAIN)
        record["categories"].append(entry)
        write(tmp_path / "boxes.json", record)
        with pytest.raises(BadFile, match=what):
            list_boxes(tmp_path)


def test_crowds_and_ids_of_zero(tmp_path):
    write_coco(tmp_path)
    record = coco_record(PLAIN)
    record["annotations"][1]["iscrowd"] = 1
    record["annotations"][0]["iscrowd"] = "0"
    assert record["annotations"][0]["id"] == record["images"][0]["id"] == 0
    write(tmp_path / "boxes.json", record)
    boxes = list_boxes(tmp_path).parts["train"][0].boxes
    assert [(box.name, box.crowd) for box in boxes] == [("cat", False), ("dog", True)]
