"""What is said of the boxes of a set: how many of what, and which train nothing."""

import pytest
import torch

from zoo.data.image.boxes.images import BoxedImages
from zoo.data.own.boxes.counts import kinds_of, what_train_lacks
from zoo.errors import BadInput
from zoo.ops.boxes.objects import objects
from zoo.ops.letterbox import Placement

BOX = [1, 1, 9, 9]


def images(*found, classes=("cat", "dog")):
    place = Placement(0, 0, 16, 16, 16, 16)
    pixels = torch.zeros(len(found), 3, 16, 16, dtype=torch.uint8)
    return BoxedImages(pixels, tuple(found), (place,) * len(found), classes)


def test_kinds():
    part = images(objects([BOX, BOX], [0, 1]), objects([], []))
    said = kinds_of({"train": part, "dev": part})
    assert said == "4 images with 4 boxes in 2 classes (cat 2, dog 2)"


def test_what_is_not_learned_from_is_told():
    two = objects([BOX, BOX], [0, 1], difficult=[True, False], crowd=[False, True])
    assert what_train_lacks(images(two)) == [
        "no box to train with of class dog",
        "nothing is learned from 1 box of crowds in train",
        "1 difficult box in train: the R-CNNs learn from them, YOLO does not",
    ]
    assert what_train_lacks(images(objects([BOX, BOX], [0, 1]))) == []


def test_crowds_alone_and_nothing_at_all_are_refused():
    crowd = objects([BOX], [0], crowd=[True])
    with pytest.raises(BadInput, match=r"no box to train with; .*learned from 1 box of crowds"):
        what_train_lacks(images(crowd))
    with pytest.raises(BadInput, match="images of train; left out 3 faults"):
        what_train_lacks(images(objects([], [])), ["left out 3 faults"])
