"""The Penn Treebank: read where it is; what is said where it is not."""

import pytest

from tests.data.text.test_three_files import hashes, put
from zoo.datasets import ptb as module
from zoo.datasets.ptb import ptb
from zoo.errors import BadFile, Missing


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    return tmp_path


def test_without_its_files_the_folder_is_named():
    with pytest.raises(Missing, match=r"ptb\.train\.txt, .* not found in .*ptb; put"):
        ptb()


def test_it_is_read_and_other_bytes_are_refused(empty, monkeypatch):
    put(empty / "ptb", module.MD5)
    with pytest.raises(BadFile, match=r"ptb\.train\.txt is not that of Penn Treebank: its md5"):
        ptb()
    monkeypatch.setattr(module, "MD5", hashes("md5", module.MD5))
    found = ptb()
    assert len(found.train) == 8
    assert found.vocabulary.decode(found.dev.token_ids.tolist()) == ["the", "<unk>", "<eos>"]
