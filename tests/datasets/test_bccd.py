"""BCCD: the counts that are published, the two boxes without area, boxes at the network's input."""

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.datasets import bccd as module
from zoo.datasets.bccd import bccd
from zoo.errors import BadFile, BadInput, Missing

OBJECT = (
    "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax>"
    "</bndbox></object>\n"
)


def write(folder, boxes=(("WBC", 8, 4, 32, 24), ("RBC", 5, 5, 5, 5))):
    """A set of three images of 64 x 48, one for each split."""
    home = folder / "bccd" / "VOCdevkit" / "VOC2007"
    for name in ("Annotations", "ImageSets/Main", "JPEGImages"):
        (home / name).mkdir(parents=True)
    for number, split in enumerate(("train", "val", "test")):
        (home / "ImageSets" / "Main" / f"{split}.txt").write_text(f"b{number}\n", encoding="utf-8")
        pixels = np.full((48, 64, 3), 40 * number, np.uint8)
        Image.fromarray(pixels).save(home / "JPEGImages" / f"b{number}.jpg")
        text = "".join(OBJECT.format(*box) for box in boxes)
        path = home / "Annotations" / f"b{number}.xml"
        path.write_text(f"<annotation>\n{text}</annotation>", encoding="utf-8")
    return home


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    monkeypatch.setattr(module, "SIZES", dict.fromkeys(module.SIZES, 1))
    return tmp_path


def test_boxes_are_where_the_image_lies_in_the_input(small):
    write(small)
    data = bccd((96, 64))
    assert data.notices == ("left out 3 boxes without area: b0.xml:3, b1.xml:3, b2.xml:3",)
    assert data.train.pixels.shape == (1, 3, 96, 64)
    assert data.train.objects[0].boxes.tolist() == [[8.0, 8.0, 32.0, 48.0]]
    assert data.train.objects[0].labels.tolist() == [1]
    assert (data.dev.names, data.test.names) == (("b1",), ("b2",))
    boxed = bccd((64, 64), "letterbox").train
    assert boxed.objects[0].boxes.tolist() == [[8.0, 12.0, 32.0, 32.0]]  # eight rows of grey above
    back = boxed.places[0].to_image(boxed.objects[0].boxes)
    assert back.tolist() == [[8.0, 4.0, 32.0, 24.0]]


def test_images_of_val_that_are_not_kept_join_train(small, monkeypatch):
    home = write(small)
    (home / "ImageSets" / "Main" / "val.txt").write_text("b1 b2", encoding="utf-8")
    monkeypatch.setattr(module, "SIZES", {"train": 1, "val": 2, "test": 1})
    assert bccd((32, 32)).dev.names == ("b1", "b2")
    data = bccd((32, 32), dev=1)
    assert (len(data.train), len(data.dev)) == (2, 1)
    assert {*data.train.names, *data.dev.names} == {"b0", "b1", "b2"}
    with pytest.raises(BadInput, match="dev must be 1 to 2 images, got 3"):
        bccd((32, 32), dev=3)


def test_what_is_missing_or_damaged_is_named(small):
    with pytest.raises(Missing, match=r"get https://github.com/Shenggan/BCCD_Dataset, put what"):
        bccd()
    with pytest.raises(BadInput, match="dev must be 1 to 1 images, got 2"):
        bccd(dev=2)  # before anything is read
    home = write(small, [("cell", 8, 4, 32, 24)])
    with pytest.raises(BadFile, match=r"b0.xml has the class 'cell', expected RBC"):
        bccd()
    (home / "ImageSets" / "Main" / "train.txt").write_text("b0 b1", encoding="utf-8")
    with pytest.raises(BadFile, match="names 2 images, expected 1"):
        bccd()


def test_real_set(zoo_data, monkeypatch):
    if not (zoo_data / "bccd").exists():
        pytest.skip(f"no bccd in {zoo_data}")
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    data = bccd((60, 80))
    assert {name: len(part) for name, part in data.parts().items()} == {
        "train": 205,
        "dev": 87,
        "test": 72,
    }
    labels = [one.labels for part in data.parts().values() for one in part.objects]
    assert torch.cat(labels).bincount().tolist() == [4155 - 2, 372, 361]
    assert torch.cat([one.labels for one in data.test.objects]).bincount().tolist() == [805, 71, 69]
    assert data.notices == (
        "left out 2 boxes without area: BloodImage_00343.xml:50, BloodImage_00338.xml:158",
    )
    boxes = torch.cat([one.boxes for part in data.parts().values() for one in part.objects])
    assert bool((boxes[:, 2:] > boxes[:, :2]).all())
    assert bool((boxes >= 0).all())
    assert bool((boxes <= torch.tensor([80, 60, 80, 60])).all())
