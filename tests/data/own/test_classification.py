"""What a classifier of images is measured on: the user's test part, never what trains."""

import pytest

from tests.data.own.test_image_folder import FRONT_END, fill, values
from zoo.data.own.classification import list_data, own_test
from zoo.errors import BadInput, Missing


def test_all_of_a_folder_without_splits(tmp_path):
    fill(tmp_path, {"b": 2, "a": 3})
    splits = own_test(tmp_path, FRONT_END, ("b", "a"))  # in the network's order
    assert splits.test.labels.tolist() == [1, 1, 1, 0, 0]
    assert splits.test.classes == ("b", "a")
    assert splits.notices == ("read 5 images in 2 classes (b 2, a 3): all 5",)


@pytest.mark.parametrize("others", [["Train", "Val"], ["Val"], []])
def test_the_test_part_whatever_is_beside_it(tmp_path, others):
    for number, split in enumerate(["Testing", *others]):
        fill(tmp_path / split, {"a": 2, "b": 2}, first=10 * number)
    splits = own_test(tmp_path, FRONT_END, ("a", "b"))
    assert values(splits.test) == [0, 1, 2, 3]
    assert splits.notices == ("read 4 images in 2 classes (a 2, b 2): test 4",)


def test_splits_without_test_are_refused(tmp_path):
    for split in ("train", "val"):
        fill(tmp_path / split, {"a": 2, "b": 2})
    with pytest.raises(BadInput, match="has train and dev, but no test part to measure on"):
        own_test(tmp_path, FRONT_END, ("a", "b"))


def test_other_classes_are_refused(tmp_path):
    fill(tmp_path, {"a": 2, "b": 2})
    with pytest.raises(BadInput, match="has the classes a, b; expected a, c"):
        own_test(tmp_path, FRONT_END, ("c", "a"))


def test_bad_images_are_left_out_if_that_is_asked_for(tmp_path):
    fill(tmp_path, {"a": 2, "b": 2})
    (tmp_path / "a" / "000.png").write_bytes(b"")
    splits = own_test(tmp_path, FRONT_END, ("a", "b"), skip_bad=True)
    assert values(splits.test) == [1, 2, 3]
    assert splits.notices[1].startswith("left out 1 of 4 images")


def test_what_is_not_there_is_said(tmp_path):
    for read in (list_data, lambda path: own_test(path, FRONT_END, ("a", "b"))):
        with pytest.raises(Missing, match="no folder or file .*none; expected a folder with one"):
            read(tmp_path / "none")
