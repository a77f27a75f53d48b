"""zoo export: the file gives what the model gives, for any batch size."""

import importlib.util
import json
import sys
import warnings

import pytest
import torch

from tests.small_weights import write_weights
from zoo.cli.main import main
from zoo.errors import BadInput, CannotWrite
from zoo.pretrained.create import create_model, from_card
from zoo.pretrained.export import export

SHAPE = (1, 32, 32)
HAS_ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))


def noise(count):
    return torch.randn(count, *SHAPE, generator=torch.Generator().manual_seed(count))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """(model, program read back from its file, largest difference that was found)."""
    folder = tmp_path_factory.mktemp("export")
    model = from_card(write_weights(folder))
    path = folder / "lenet5.pt2"
    difference = export(model, SHAPE, path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.load(str(path)).module()
    return model, program, difference


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_file_gives_what_the_model_gives(exported, count):
    model, program, _ = exported
    with torch.no_grad():
        assert torch.allclose(program(noise(count)), model(noise(count)), atol=1e-5)


def test_the_difference_is_measured(exported):
    assert 0 <= exported[2] < 1e-5


@pytest.mark.parametrize("name", ["x.pt", "x.safetensors", "x", "x.pt2.zip"])
def test_another_suffix_is_refused(tmp_path, name):
    with pytest.raises(BadInput, match=r"must end in \.pt2"):
        export(create_model("lenet5"), SHAPE, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite, match="lenet"):
        export(create_model("lenet5"), SHAPE, tmp_path / "file" / "lenet.pt2")
    with pytest.raises(CannotWrite, match="lenet"):
        export(create_model("lenet5"), SHAPE, tmp_path / "none" / "lenet.pt2")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_the_verb_exports_weights_with_their_own_input_shape(tmp_path, capsys):
    write_weights(tmp_path / "w", "lenet5", "rgb", in_chans=3, num_classes=4)
    code = main(["export", str(tmp_path / "w"), "--to", str(tmp_path / "rgb.pt2"), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["input"] == ["batch", 3, 32, 32]
    assert told["largest_difference"] < 1e-5
    assert (tmp_path / "rgb.pt2").stat().st_size > 200_000


def test_the_verb_exports_an_architecture(tmp_path, capsys):
    assert main(["export", "logistic_regression", "--to", str(tmp_path / "x.pt2")]) == 0
    assert "['batch', 1, 28, 28]" in capsys.readouterr().out


@pytest.mark.parametrize("package", ["onnxruntime", "onnxscript"])
def test_onnx_without_its_packages_says_what_to_install(tmp_path, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(BadInput, match=r"pip install 'deep-zoo\[export\]'"):
        export(create_model("lenet5"), SHAPE, tmp_path / "lenet.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not HAS_ONNX, reason="needs onnx, onnxscript and onnxruntime")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("count", [1, 7])
def test_onnx_gives_what_the_model_gives(tmp_path, count):
    import onnxruntime

    model, path = create_model("lenet5").eval(), tmp_path / "lenet.onnx"
    assert export(model, SHAPE, path) < 1e-4
    session = onnxruntime.InferenceSession(str(path))
    got = session.run(None, {session.get_inputs()[0].name: noise(count).numpy()})[0]
    with torch.no_grad():
        assert torch.allclose(torch.from_numpy(got), model(noise(count)), atol=1e-4)
