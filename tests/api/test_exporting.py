"""zoo.export: a file that gives what the original gives, or one line."""

import pytest
import torch

import zoo
from zoo.api.exporting import Exported
from zoo.errors import BadInput, UnknownName


def test_weights_take_what_their_front_end_gives(tmp_path):
    found = zoo.export("lenet5.digits", tmp_path / "a.pt2")
    assert (found.same, found.input_shape) == (True, (1, 32, 32))
    program = torch.export.load(tmp_path / "a.pt2").module()
    model = zoo.create_model("lenet5.digits").eval()
    x = torch.rand(2, 1, 32, 32)
    assert torch.allclose(program(x), model(x), atol=1e-5)


def test_an_architecture_has_fresh_weights_and_a_name_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = zoo.export("mlp", format="torch")
    assert str(found.file) == "mlp.pt2"
    assert found.same


def test_a_difference_is_seen(tmp_path):
    assert not Exported(tmp_path, (1,), {1: 0.0, 3: 1e-3}).same
    assert not Exported(tmp_path, (1,), {1: float("inf")}).same


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("sentiment.polarity", {"to": "x.pt2"}, "is for the task text_classification"),
        ("lstm", {"to": "x.pt2"}, "is for the task language_model"),
        ("lenet5", {}, "needs a format"),
        (
            "lenet5",
            {"to": "x.onnx", "format": "torch"},
            "is for .pt2 files, but the file is x.onnx",
        ),
        ("lenet5", {"to": "x.txt"}, "must end in .pt2"),
    ],
)
def test_what_cannot_be_written_is_one_line(name, given, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=text):
        zoo.export(name, **given)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UnknownName, match="onnx"):
        zoo.export("lenet5", format="onx")
