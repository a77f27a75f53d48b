"""WNUT-17: the counts of the paper, tags as they stand in the file, damage named."""

import pytest

from zoo.datasets.wnut17 import FILES, wnut17
from zoo.errors import BadFile


def test_a_damaged_file_of_wnut17_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    (tmp_path / "wnut17").mkdir()
    path = tmp_path / "wnut17" / "wnut17train.conll"
    path.write_text("a\tO\n", encoding="utf-8")
    with pytest.raises(BadFile, match="is damaged"):
        wnut17()


def test_real_set(zoo_data, monkeypatch):
    if not (zoo_data / "wnut17").exists():
        pytest.skip(f"no wnut17 in {zoo_data}")
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    data = wnut17(least=2)
    counts = {k: (len(p), int(p.lengths.sum())) for k, p in data.parts().items()}
    assert counts == {"train": (3394, 62730), "dev": (1009, 15733), "test": (1287, 23394)}
    assert len(data.train.classes) == 13
    raw = (zoo_data / "wnut17" / FILES["test"][0]).read_bytes().decode()
    tags = [line.split("\t")[1] for line in raw.split("\n") if line.strip()]
    assert [tag for item in data.test.items for tag in item.tags] == tags  # IOB2 as they are
    from zoo.recipes.tagger import CHARACTERS, VOCABULARY

    front_end = data.front_end
    assert (len(front_end.vocabulary), front_end.character_rows) == (VOCABULARY, CHARACTERS)
