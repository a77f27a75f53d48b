"""The novels: absence names the folder, and how many words there are."""

import pytest

from zoo.datasets.novels import novels
from zoo.errors import Missing


def test_novels_that_are_not_there_name_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing, match=str(tmp_path / "gutenberg")):
        novels()


@pytest.mark.long
def test_the_novels(zoo_data):
    corpus = novels()
    assert len(corpus.paths) == 15
    assert 4_000_000 < sum(corpus.counts.values()) < 4_200_000
