"""LFW as its archives unpack; what is missing names the files and where to put them."""

import pytest

from tests.helpers.lfw import lfw_folder
from zoo.cli.main import main
from zoo.datasets.lfw import lfw
from zoo.errors import Missing


@pytest.mark.parametrize("below", ["", "lfw_funneled"])
def test_one_part_with_its_pairs(tmp_path, monkeypatch, below):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    folder = lfw_folder(tmp_path / "lfw" / below)
    (folder / "pairs.txt").replace(tmp_path / "lfw" / "pairs.txt")
    data = lfw(8)
    assert list(data.parts()) == ["test"]
    assert len(data.parts()["test"]) == 21
    pairs = data.pairs_of("test")
    assert len(pairs) == 12
    assert pairs.readable.all()
    assert data.notices[0].startswith("read 12 pairs in 3 folds")
    assert data.front_end.input_shape == (3, 8, 8)
    assert len(data.digest()) == 64


def test_an_image_that_cannot_be_read_is_told_of(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    folder = lfw_folder(tmp_path / "lfw")
    (folder / "Eve_Orr" / "Eve_Orr_0004.png").unlink()
    assert main(["data", "lfw"]) == 0
    said = capsys.readouterr()
    assert "note: left out 1 pair (1 of fold 2), no other fold is changed" in said.err
    assert "test     20" in said.out


def test_what_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing, match=r"no pairs\.txt in .*lfw: get https://.*sha256 ea42330c"):
        lfw()
    (tmp_path / "lfw").mkdir()
    (tmp_path / "lfw" / "pairs.txt").write_text("1 1\nA 1 2\nA 1 B 1\n")
    with pytest.raises(Missing, match=r"no folder A in .*lfw: unpack https://.*lfw-funneled\.tgz"):
        lfw()
