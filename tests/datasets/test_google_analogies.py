"""questions-words.txt: as many questions as published."""

import pytest

from zoo.datasets.google_analogies import google_analogies
from zoo.errors import Missing


def test_the_published_file(zoo_data):
    found = google_analogies()
    assert [len(s) for s in found.parts().values()][:5] == [506, 4524, 866, 2467, 506]
    assert found.about() == {"in all": 19_544}
    assert found.digest() == google_analogies().digest()


def test_without_it_the_source_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing, match=r"questions-words\.txt of github\.com/tmikolov/word2vec"):
        google_analogies()
