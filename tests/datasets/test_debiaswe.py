"""debiaswe: the published lists, or the one that lacks."""

import pytest

from zoo.datasets.debiaswe import debiaswe
from zoo.errors import Missing


def test_the_published_files(zoo_data):
    lists = debiaswe()
    assert {name: len(part) for name, part in lists.parts().items()} == {
        "definitional_pairs": 10,
        "equalize_pairs": 52,
        "gender_specific": 1441,
        "professions": 320,
    }
    assert lists.professions[0] == "accountant"
    assert lists.digest() == debiaswe().digest()


def test_without_them_the_source_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing, match=r"definitional_pairs\.json of github\.com/tolga-b/debiaswe"):
        debiaswe()
