"""The three forms give the same set; splits, what is told, what is refused, what is left out."""

import pytest
import torch
from PIL import Image

from tests.data.own.boxes.sets import CLASSES, PLAIN, WRITERS, write_image, write_voc, write_yolo
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.own.boxes.box_list import list_boxes
from zoo.errors import BadInput

FRONT_END = BoxFrontEnd((96, 128), "stretch")
MANY = {f"p{n}": [(CLASSES[n % 2], n, n, 30 + n, 20 + n)] for n in range(12)}


def corners(listed):
    """By split and image: the class and the corners of each box."""
    return {
        (split, one.image.stem): [(box.name, *box.corners) for box in one.boxes]
        for split, part in listed.parts.items()
        for one in part
    }


@pytest.mark.parametrize("form", WRITERS)
def test_each_form_gives_the_same_boxes(tmp_path, form):
    listed = list_boxes(WRITERS[form](tmp_path / "set"))
    assert (listed.name, listed.form, listed.classes) == ("set", form, CLASSES)
    for (_, name), boxes in corners(listed).items():
        assert len(boxes) == len(PLAIN[name])
        for (label, *got), (expected, *numbers) in zip(boxes, PLAIN[name], strict=True):
            assert label == expected
            assert got == pytest.approx(numbers, abs=1e-12)
    assert (listed.divided, listed.faults, listed.counts) == (False, (), (3, 3))
    part = listed.images(FRONT_END)[0]["train"]
    assert part.names == ("a.png", "b.png", "c.png")
    assert part.objects[0].boxes.tolist() == [[16, 8, 64, 48], [0, 0, 128, 96]]
    assert part.objects[0].labels.tolist() == [0, 1]
    assert [one.size for one in part.objects] == [2, 0, 1]
    assert part.pixels.shape == (3, 3, 96, 128)


@pytest.mark.parametrize("form", WRITERS)
def test_the_users_splits_are_kept(tmp_path, form):
    for split in ("train", "valid", "test"):
        WRITERS[form](tmp_path, PLAIN, split)
    listed = list_boxes(tmp_path)
    assert {name: len(part) for name, part in listed.parts.items()} == {
        "train": 3,
        "dev": 3,
        "test": 3,
    }
    data = listed.read(FRONT_END)
    assert data.notices[0] == (
        f"read {form}, 9 images with 9 boxes in 2 classes (cat 3, dog 6): train 3, dev 3, test 3"
    )
    assert data.examples()["dev"] == data.dev.digests()
    assert len(data.dev.digests()[0]) == 2  # of the file and of the pixels


def test_dev_and_test_are_set_aside_by_the_rarest_class_of_an_image(tmp_path):
    boxes = {name: [*some, ("dog", 40, 40, 60, 47)] for name, some in MANY.items()}
    data = list_boxes(write_voc(tmp_path, boxes)).read(FRONT_END, seed=3)
    assert [len(part) for part in data.parts().values()] == [8, 2, 2]
    for part in (data.dev, data.test):
        assert sorted(bool((one.labels == 0).any()) for one in part.objects) == [False, True]
    again = list_boxes(tmp_path).read(FRONT_END, seed=3)
    assert again.digest() == data.digest()
    assert list_boxes(tmp_path).read(FRONT_END, seed=4).digest() != data.digest()
    assert "(dev and test set aside from train)" in data.notices[0]


def test_faults_are_refused_with_their_places_or_left_out_and_told(tmp_path):
    bad = {"q": [("cat", 5, 5, 5, 9), ("dog", 1, 1, 9, 9), ("cat", 60, 40, 90, 47)]}
    write_voc(tmp_path, MANY | bad)
    with pytest.raises(BadInput) as caught:
        list_boxes(tmp_path).read(FRONT_END)
    for said in ("2 faults in 13 images with 15 boxes", "q.xml:3: cat: no area",
                 "q.xml:5: cat: outside the image of 64 x 48", "--skip-bad"):  # fmt: skip
        assert said in str(caught.value)
    data = list_boxes(tmp_path, skip_bad=True).read(FRONT_END)
    assert sum(data.about()["boxes"].values()) == 13
    assert data.notices[-1].startswith(
        "left out what cannot be used, 2 faults in 13 images with 15"
    )


def test_the_same_picture_twice_is_named_and_the_one_in_train_is_left_out(tmp_path):
    write_yolo(tmp_path, MANY, "train")
    write_yolo(tmp_path, {"x": [("dog", 1, 1, 9, 9)]}, "test")
    same = (tmp_path / "images" / "train" / "p3.png").read_bytes()
    (tmp_path / "images" / "test" / "x.png").write_bytes(same)
    with pytest.raises(BadInput, match=r"train/p3.png of train: the same picture as x.png of test"):
        list_boxes(tmp_path).read(FRONT_END)
    data = list_boxes(tmp_path, skip_bad=True).read(FRONT_END)
    assert "p3.png" not in data.train.names + data.dev.names
    assert data.test.names == ("x.png",)
    with Image.open(tmp_path / "images" / "test" / "x.png") as image:
        image.save(tmp_path / "images" / "test" / "x.png", compress_level=0)  # the pixels are equal
    assert [fault.what for fault in list_boxes(tmp_path).examined()] == [
        "the same picture as x.png of test"
    ]


def test_a_damaged_and_a_missing_image_are_named(tmp_path):
    write_voc(tmp_path, MANY)
    path = tmp_path / "p0.png"
    path.write_bytes(path.read_bytes()[:2000])
    (tmp_path / "p1.png").unlink()
    found = r"2 faults in 12 images .*p0.png: is damaged.*p1.xml:1: there is no image p1.png"
    with pytest.raises(BadInput, match=found):
        list_boxes(tmp_path).read(FRONT_END)
    data = list_boxes(tmp_path, skip_bad=True).read(FRONT_END)
    assert sum(len(part) for part in data.parts().values()) == 10


def test_a_network_with_other_classes_is_refused_and_one_with_more_is_not(tmp_path):
    listed = list_boxes(write_voc(tmp_path))
    wider = listed.relabelled(("cow", "dog", "cat"))
    part = wider.images(FRONT_END)[0]["train"]
    assert part.objects[0].labels.tolist() == [2, 1]
    with pytest.raises(BadInput, match="has the classes dog; expected cat, cow"):
        listed.relabelled(("cat", "cow"))


def test_no_box_at_all_and_nothing_to_train_on(tmp_path):
    write_yolo(tmp_path / "empty", dict.fromkeys(MANY, ()))
    with pytest.raises(BadInput, match="no box to train with"):
        list_boxes(tmp_path / "empty").read(FRONT_END)
    write_voc(tmp_path / "later", PLAIN, "test")
    with pytest.raises(BadInput, match="nothing to train on"):
        list_boxes(tmp_path / "later")
    assert list(list_boxes(tmp_path / "later", train=False).parts) == ["test"]


def test_a_class_without_a_box_to_train_with_is_told(tmp_path):
    cats = {name: [("cat", 1, 1, 20, 20)] for name in MANY}
    data = list_boxes(write_yolo(tmp_path, cats)).read(FRONT_END)
    assert data.notices[-1] == "no box to train with of class dog"


def test_an_image_of_1_by_5000_pixels(tmp_path):
    write_yolo(tmp_path, MANY)
    write_image(tmp_path / "images" / "p0.png", size=(5000, 1))
    (tmp_path / "labels" / "p0.txt").write_text("1 0.5 0.5 0.2 1\n", encoding="utf-8")
    listed = list_boxes(tmp_path)
    part = listed.images(BoxFrontEnd((416, 416)))[0]["train"]
    assert part.objects[0].boxes[0].tolist() == pytest.approx([166.4, 207, 249.6, 208])
    assert bool(torch.isfinite(part.objects[0].boxes).all())
