"""WordSim-353: as many pairs as published."""

import pytest

from zoo.datasets.wordsim353 import wordsim353
from zoo.errors import BadFile


def test_the_published_file(zoo_data):
    pairs = wordsim353().parts()["pairs"]
    assert len(pairs) == 353
    assert pairs[0] == ("love", "sex", 6.77)


def test_another_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    (tmp_path / "word_vectors").mkdir()
    (tmp_path / "word_vectors" / "wordsim353.tsv").write_text("a\tb\t1\n")
    with pytest.raises(BadFile, match="not the published file"):
        wordsim353()
