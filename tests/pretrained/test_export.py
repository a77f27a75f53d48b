"""zoo export: the file gives what the model gives, for any batch size."""

import dataclasses
import importlib.util
import json
import math
import sys
import warnings

import pytest
import torch
from torch import nn

from tests.helpers.small_weights import only_from, write_weights
from zoo import registry
from zoo.cli.main import main
from zoo.errors import BadInput, CannotWrite
from zoo.models.resnet import BasicBlock
from zoo.pretrained.create import create_model, from_card
from zoo.pretrained.export import export

SHAPE = (1, 32, 32)
HAS_ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))


def noise(count):
    return torch.randn(count, *SHAPE, generator=torch.Generator().manual_seed(count))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """(model, program read back from its file, differences that were found)."""
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
    assert exported[2].keys() == {1, 3}
    assert all(0 <= difference < 1e-5 for difference in exported[2].values())


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
    assert told["differences"].keys() == {"1", "3"}
    assert max(told["differences"].values()) < 1e-5
    assert told["same"] is True
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
def test_onnx_gives_what_the_model_gives(tmp_path):
    import onnxruntime

    model, path = create_model("lenet5").eval(), tmp_path / "lenet.onnx"
    assert max(export(model, SHAPE, path).values()) < 1e-5
    session = onnxruntime.InferenceSession(str(path))
    for count in (1, 7):
        got = session.run(["logits"], {"input": noise(count).numpy()})[0]
        with torch.no_grad():
            assert torch.allclose(torch.from_numpy(got), model(noise(count)), atol=1e-4)


class Scaled(nn.Module):
    """Gives something else when exported: ``wrong`` is what the trace sees."""

    def __init__(self, wrong):
        super().__init__()
        self.wrong, self.layer = wrong, nn.Linear(3, 2)

    def forward(self, x):
        return self.layer(x) * (self.wrong if torch.compiler.is_exporting() else 1.0)


@pytest.mark.parametrize(("wrong", "code"), [(1.0, 0), (1.00001, 0), (1.001, 1), (math.nan, 1)])
def test_a_file_that_gives_something_else_is_said_to(tmp_path, capsys, monkeypatch, wrong, code):
    torch.manual_seed(0)
    monkeypatch.setattr("zoo.api.exporting.create_model", lambda name: Scaled(wrong))
    entry = dataclasses.replace(registry.entry("lenet5"), input_shape=(3,))
    monkeypatch.setattr(registry, "entry", lambda name: entry)
    path = tmp_path / "x.pt2"
    assert main(["export", "lenet5", "--to", str(path)]) == code
    said = capsys.readouterr().out
    assert "batch 1: " in said
    assert "batch 3: " in said
    assert ("NOT the same" in said) == bool(code)
    assert path.exists()


def test_the_format_names_the_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_weights(tmp_path / "w")
    only_from(tmp_path / "w", monkeypatch)
    for name, file in [("lenet5.tiny", "lenet5.tiny.pt2"), (str(tmp_path / "w"), "w.pt2"),
                       ("w/", "w.pt2")]:  # fmt: skip
        assert main(["export", name, "--format", "torch", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["file"] == file
        (tmp_path / file).unlink()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "export needs a format, onnx, torch or darknet, or a file that ends in"),
        ("--format onnx --to x.pt2", "the format onnx is for .onnx files, but the file is x.pt2"),
        ("--format torch --to x", "the format torch is for .pt2 files, but the file is x"),
    ],
)
def test_formats_that_make_no_sense(tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "lenet5", *words.split()]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_model_is_as_it_was(tmp_path):
    model = create_model("lenet5").train()
    export(model, SHAPE, tmp_path / "x.pt2")
    assert model.training


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("suffix", [".pt2", ".onnx"])
def test_a_network_with_batch_norm(tmp_path, suffix):
    """Running statistics, sums and strides go through both formats."""
    if suffix == ".onnx" and not HAS_ONNX:
        pytest.skip("needs onnx, onnxscript and onnxruntime")
    torch.manual_seed(0)
    model = nn.Sequential(BasicBlock(3, 8, 2), BasicBlock(8, 8, 1))
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
    found = export(model, (3, 32, 32), tmp_path / f"x{suffix}")
    assert found.keys() == {1, 3}
    assert max(found.values()) < 1e-5


class Headed(nn.Module):
    """An auxiliary head answers as well, in training."""

    def __init__(self):
        super().__init__()
        self.head, self.auxiliary = nn.Linear(3, 2), nn.Linear(3, 2)

    def forward(self, x):
        return (self.head(x), self.auxiliary(x)) if self.training else self.head(x)


def test_auxiliary_heads_stay_behind(tmp_path):
    found = export(Headed().train(), (3,), tmp_path / "x.pt2")
    assert max(found.values()) < 1e-5


@pytest.mark.long
@pytest.mark.parametrize("name", ["googlenet_tv", "inception_v3"])
def test_auxiliary_heads_of_large_networks_stay_behind(tmp_path, name):
    model = create_model(name, auxiliary=True, num_classes=5)
    found = export(model, (3, 107, 107), tmp_path / "x.pt2")
    assert max(found.values()) < 1e-4


def test_the_exporter_of_onnx_says_nothing_of_its_own(tmp_path, capfd):
    assert main(["export", "lenet5", "--to", str(tmp_path / "a.onnx"), "--json"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["same"] is True
    assert err == ""
