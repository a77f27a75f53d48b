"""Folders of YOLO's text: layouts, splits that files name, classes off by one, lone files."""

import pytest

from tests.data.own.boxes.sets import PLAIN, seed_of, write_image, write_yolo, yolo_text
from zoo.data.own.boxes.box_list import list_boxes
from zoo.errors import BadInput

NAMES = "names: [cat, dog]\n"


def splits(listed):
    return {name: [one.image.stem for one in part] for name, part in listed.parts.items()}


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def picture(root, image, labels, boxes=(("cat", 8, 4, 32, 24),)):
    write_image(root / image, seed_of(image))
    write(root / labels, yolo_text(boxes))


def test_a_folder_for_each_split_with_images_and_labels_in_it(tmp_path):
    picture(tmp_path, "train/images/a.jpg", "train/labels/a.txt")
    picture(tmp_path, "valid/images/b.jpg", "valid/labels/b.txt")
    yaml = "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n" + NAMES
    write(tmp_path / "data.yaml", yaml)
    listed = list_boxes(tmp_path)
    assert splits(listed) == {"train": ["a"], "dev": ["b"]}
    assert listed.notices == ("data.yaml names ../test/images, where there is no image",)
    assert splits(list_boxes(tmp_path / "data.yaml")) == splits(listed)


def test_splits_that_only_the_description_knows(tmp_path):
    picture(tmp_path, "images/train2017/a.jpg", "labels/train2017/a.txt")
    picture(tmp_path, "images/val2017/b.jpg", "labels/val2017/b.txt")
    picture(tmp_path, "images/extra/c.jpg", "labels/extra/c.txt")
    write(tmp_path / "coco.yaml", f"train: images/train2017\nval: images/val2017\n{NAMES}")
    listed = list_boxes(tmp_path)
    assert splits(listed) == {"train": ["a"], "dev": ["b"]}
    assert "images in no split (1: c.jpg)" in listed.notices[0]


def test_darknets_lists_with_the_paths_of_another_machine(tmp_path):
    for name in "abc":
        picture(tmp_path, f"obj_train_data/{name}.jpg", f"obj_train_data/{name}.txt")
    write(tmp_path / "obj.names", "cat\ndog\n")
    write(
        tmp_path / "obj.data", "train = data/train.txt\nvalid = data/val.txt\nnames = x/obj.names"
    )
    write(tmp_path / "train.txt", "data/obj_train_data/a.jpg\r\nC:\\x\\obj_train_data\\b.jpg\r\n")
    write(tmp_path / "val.txt", "data/obj_train_data/c.jpg\ndata/obj_train_data/none.jpg\n")
    listed = list_boxes(tmp_path)
    assert splits(listed) == {"train": ["a", "b"], "dev": ["c"]}
    faults = list(map(str, listed.faults))
    assert faults == ["val.txt:2: there is no image data/obj_train_data/none.jpg"]
    about = (tmp_path / "obj.data").read_text(encoding="utf-8")
    write(tmp_path / "obj.data", about.replace("val.txt", "2007_test.txt"))
    (tmp_path / "val.txt").rename(tmp_path / "2007_test.txt")
    assert list_boxes(tmp_path).notices == ()  # a list that is used is not "left out"
    (tmp_path / "2007_test.txt").rename(tmp_path / "val.txt")
    (tmp_path / "obj.data").unlink()  # the lists alone say the same
    assert splits(list_boxes(tmp_path)) == {"train": ["a", "b"], "dev": ["c"]}


def test_an_image_in_two_lists(tmp_path):
    write_yolo(tmp_path)
    write(tmp_path / "train.txt", "images/a.png\nimages/c.png\n")
    write(tmp_path / "test.txt", "images/a.png\nimages/b.png\n")
    assert [one.what for one in list_boxes(tmp_path).faults] == ["a.png is in test and in train"]


def test_images_without_labels_are_empty_and_told_and_labels_without_images_are_faults(tmp_path):
    write_yolo(tmp_path)
    (tmp_path / "labels" / "a.txt").unlink()
    (tmp_path / "images" / "c.png").unlink()
    write(tmp_path / "README.txt", "These are my boxes.\n")
    listed = list_boxes(tmp_path)
    assert splits(listed) == {"train": ["a", "b"]}
    assert list(map(str, listed.faults)) == ["labels/c.txt: there is no image c for it"]
    assert listed.notices == (
        "1 image without a label file: nothing is in them",
        "left out: texts that are no labels (1: README.txt)",
    )


def test_classes_that_count_from_one(tmp_path):
    write_yolo(tmp_path)
    for name in PLAIN:
        path = tmp_path / "labels" / f"{name}.txt"
        text = path.read_text(encoding="utf-8").replace("1 0.", "2 0.").replace("0 0.3", "1 0.3")
        path.write_text(text, encoding="utf-8")
    faults = list(map(str, list_boxes(tmp_path).faults))
    assert faults[0] == (
        "labels/a.txt:2: class 2, expected 0 to 1; all are 1 to 2: they count from 1, and must "
        "from 0"
    )
    (tmp_path / "classes.txt").unlink()
    with pytest.raises(BadInput, match="the classes in .* are 1 to 2; YOLO counts from 0"):
        list_boxes(tmp_path)


def test_without_names_classes_are_called_by_their_numbers(tmp_path):
    write_yolo(tmp_path)
    (tmp_path / "classes.txt").unlink()
    listed = list_boxes(tmp_path)
    assert listed.classes == ("0", "1")
    assert "they are called by their numbers" in listed.notices[0]


def test_every_bad_line_is_named_and_the_others_are_read(tmp_path):
    write_yolo(tmp_path)
    bad = ["1 nan 0.5 0.5 0.5", "-1 0.5 0.5 0.1 0.1", "1.0 0.5 0.5 0.1 0.1"]
    bad += ["1 0.5 0.5 0 0.1", "1 32 24 10 10", "1 0.5 0.5 0.5"]
    lines = ["\ufeff0 0.5 0.5 0.5 0.5", "", *bad]
    write(tmp_path / "labels" / "a.txt", "\r\n".join(lines))
    listed = list_boxes(tmp_path)
    assert sorted(fault.where for fault in listed.faults) == [
        f"labels/a.txt:{line}" for line in range(3, 9)
    ]
    assert len(listed.parts["train"][0].boxes) == 1
    assert listed.counts == (3, 8)


def test_two_images_of_one_name(tmp_path):
    write_yolo(tmp_path)
    write_image(tmp_path / "images" / "a.jpg", 9)
    faults = [str(fault) for fault in list_boxes(tmp_path).faults]
    assert len(faults) == 2
    assert "may belong to" in faults[0]


def test_only_images_without_an_object(tmp_path):
    write_yolo(tmp_path, {"a": [], "b": []})
    listed = list_boxes(tmp_path)
    assert [len(one.boxes) for one in listed.parts["train"]] == [0, 0]
