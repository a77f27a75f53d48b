"""Images before any is opened."""

import pytest

from tests.data.own.test_image_folder import FRONT_END, fill, values
from zoo.data.own.image_folder import list_folder
from zoo.errors import BadInput


@pytest.fixture
def divided(tmp_path):
    for number, split in enumerate(("train", "test")):
        fill(tmp_path / split, {"a": 4, "b": 6}, first=20 * number)
    return list_folder(tmp_path)


def test_sizes_files_and_parts(divided):
    assert divided.divided
    assert divided.size == len({*divided.files()}) == 20
    assert divided.stated(lambda names: ["test"]).size == 10
    assert [*divided.stated(list).parts] == ["train", "test"]


def test_data_without_splits_are_one_part(tmp_path):
    listed = list_folder(fill(tmp_path, {"a": 2, "b": 2}))
    assert not listed.divided
    assert [*listed.stated(list).parts] == [""]
    assert listed.stated(list).files() == listed.files()


def test_other_labels(divided):
    images = divided.relabelled(("b", "x", "a"), [2, 0]).images(FRONT_END)[0]["train"]
    assert images.labels.tolist() == [2] * 4 + [0] * 6
    assert images.classes == ("b", "x", "a")
    assert values(images) == list(range(10))


def test_a_part_that_cannot_be_read_at_all_is_named(divided):
    for path in divided.stated(lambda names: ["test"]).files():
        path.write_bytes(b"")
    with pytest.raises(BadInput, match="has no image that can be read in test"):
        list_folder(divided.files()[0].parents[2], skip_bad=True).images(FRONT_END)


def test_images_of_the_test_that_train_has_too_are_told(tmp_path):
    for split, first in {"train": 0, "test": 17}.items():
        fill(tmp_path / split, {"a": 10, "b": 10}, first)
    told = list_folder(tmp_path).read(FRONT_END).notices[-1]
    assert told.startswith("also in train, which flatters the scores: ")
    assert told.endswith(" of 20 of test")
    for path in (tmp_path / "test").rglob("*.png"):
        path.unlink()
    fill(tmp_path / "test", {"a": 10, "b": 10}, first=40)
    assert len(list_folder(tmp_path).read(FRONT_END).notices) == 1
