"""What every answer can do: JSON, a file of it, and a line where it cannot be drawn."""

import json

import pytest

from zoo.errors import BadInput, CannotWrite
from zoo.predictors.answer import Answer


class Number(Answer):
    def to_json(self):
        return {"number": 7}


def test_every_answer_is_saved_as_json(tmp_path):
    [path] = Number().save(tmp_path / "new", "json", "seven")
    assert path == tmp_path / "new" / "seven.json"
    assert json.loads(path.read_text()) == {"number": 7}


def test_what_it_cannot_do_is_said(tmp_path):
    with pytest.raises(BadInput, match="a Number is not saved as txt; it can be as json"):
        Number().save(tmp_path, "txt")
    with pytest.raises(BadInput, match="a Number cannot be drawn"):
        Number().plot()
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="file"):
        Number().save(tmp_path / "file")
    assert Number().remark == ""
