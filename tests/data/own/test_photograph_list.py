"""A folder of photographs: depth, splits by name, what is left out, damage, memory."""

import pytest

from tests.helpers.photographs import write_folder
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.own import photograph_list
from zoo.data.own.photograph_list import list_photographs
from zoo.errors import BadFile, BadInput, Missing

SIZE = PhotographFrontEnd(longest=64)


def test_any_depth_and_what_is_left_out(tmp_path):
    write_folder(tmp_path / "a" / "b", 6)
    write_folder(tmp_path, 4)
    (tmp_path / "notes.txt").write_text("none")
    write_folder(tmp_path / ".thumbs", 2)
    listed = list_photographs(tmp_path)
    assert (listed.size, listed.divided) == (10, False)
    assert listed.notices == ("left out: hidden (2: 00.png, 01.png); no images (1: notes.txt)",)
    data = listed.read(SIZE)
    assert [len(part) for part in data.parts().values()] == [8, 1, 1]
    assert data.notices[0].startswith("read 10 photographs: train 8, dev 1, test 1 (dev and test")
    assert max(max(image.shape[1:]) for image in data.train.images) == 64


def test_folders_that_are_called_as_splits(tmp_path):
    write_folder(tmp_path / "Train", 5)
    write_folder(tmp_path / "val", 2)
    write_folder(tmp_path, 1)
    listed = list_photographs(tmp_path)
    assert {name: len(part) for name, part in listed.parts.items()} == {"train": 5, "dev": 2}
    assert listed.notices == ("left out: images beside train (1: 00.png)",)
    data = listed.read(SIZE)
    assert [len(part) for part in data.parts().values()] == [4, 2, 1]
    flattered = [line for line in data.notices if "also in train" in line]
    assert len(flattered) == 1  # the drawn photographs of val are train's first two


def test_what_cannot_be_used_is_refused_in_one_line(tmp_path):
    with pytest.raises(Missing, match="no folder .* expected a folder of photographs"):
        list_photographs(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="has no image in it"):
        list_photographs(tmp_path)
    write_folder(tmp_path / "test", 2)
    with pytest.raises(BadInput, match="nothing to train on"):
        list_photographs(tmp_path)
    assert list_photographs(tmp_path, train=False).parts.keys() == {"test"}


def test_damage_is_named_or_left_out(tmp_path):
    write_folder(tmp_path, 5)
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    with pytest.raises(BadFile, match=r"bad.jpg .*--skip-bad"):
        list_photographs(tmp_path).read(SIZE)
    data = list_photographs(tmp_path, skip_bad=True).read(SIZE)
    assert sum(map(len, data.parts().values())) == 5
    assert any("left out 1 of 6 photographs" in line for line in data.notices)


def test_many_photographs_are_made_smaller(tmp_path, monkeypatch):
    write_folder(tmp_path, 6)
    monkeypatch.setattr(photograph_list, "MEMORY", 6 * 3 * 70**2)
    data = list_photographs(tmp_path).read(PhotographFrontEnd(512))
    assert max(max(image.shape[1:]) for image in data.train.images) == 70
    assert any("their longer sides are made 70 pixels" in line for line in data.notices)
