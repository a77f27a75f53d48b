"""What a classifier of images is measured on: the user's test part, never what trains."""

import pytest

from tests.data.own.test_image_folder import FRONT_END, fill, values
from zoo.data.own.classification import list_data, to_measure
from zoo.errors import BadInput, Missing


def test_all_of_a_folder_without_splits(tmp_path):
    fill(tmp_path, {"b": 2, "a": 3})
    listed, parts, told = to_measure(tmp_path, FRONT_END, ("b", "a"), list)  # the network's order
    assert [*parts] == [""]
    assert parts[""].labels.tolist() == [1, 1, 1, 0, 0]
    assert parts[""].classes == ("b", "a")
    assert (listed.name, listed.notices, told) == (tmp_path.name, (), [])


@pytest.mark.parametrize("others", [["Train", "Val"], ["Val"], []])
def test_the_test_part_whatever_is_beside_it(tmp_path, others):
    for number, split in enumerate(["Testing", *others]):
        fill(tmp_path / split, {"a": 2, "b": 2}, first=10 * number)
    asked = []

    def needed(stated):
        asked.extend(stated)
        return ["test"]

    _, parts, _ = to_measure(tmp_path, FRONT_END, ("a", "b"), needed)
    assert [*parts] == ["test"]  # the others are not even read
    assert values(parts["test"]) == [0, 1, 2, 3]
    assert {*asked} == {"test", *({"Train": "train", "Val": "dev"}[name] for name in others)}


def test_other_classes_are_refused(tmp_path):
    fill(tmp_path, {"a": 2, "b": 2})
    with pytest.raises(BadInput, match="has the classes a, b; expected a, c"):
        to_measure(tmp_path, FRONT_END, ("c", "a"), list)


def test_bad_images_are_left_out_if_that_is_asked_for(tmp_path):
    fill(tmp_path, {"a": 2, "b": 2})
    (tmp_path / "a" / "000.png").write_bytes(b"")
    _, parts, told = to_measure(tmp_path, FRONT_END, ("a", "b"), list, skip_bad=True)
    assert values(parts[""]) == [1, 2, 3]
    assert told[0].startswith("left out 1 of 4 images")


def test_what_is_not_there_is_said(tmp_path):
    for read in (list_data, lambda path: to_measure(path, FRONT_END, ("a", "b"), list)):
        with pytest.raises(Missing, match="no folder or file .*none; expected a folder with one"):
            read(tmp_path / "none")
