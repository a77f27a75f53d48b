"""zoo.export: a file that gives what the original gives, or one line."""

import json
import warnings

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from zoo import cards
from zoo.api.exporting import Exported
from zoo.errors import BadInput, UnknownName
from zoo.predictors.inputs.images import probe


def test_weights_take_what_their_front_end_gives(tmp_path):
    found = zoo.export("lenet5.digits", tmp_path / "a.pt2")
    assert (found.same, found.input_shape) == (True, (1, 32, 32))
    program = torch.export.load(tmp_path / "a.pt2").module()
    model = zoo.create_model("lenet5.digits").eval()
    x = torch.rand(2, 1, 32, 32)
    assert torch.allclose(program(x), model(x), atol=1e-5)


def answer_of(run, about, path):
    """The most probable class, by what stands in the file and nothing of the zoo's."""
    with Image.open(path) as image:
        grey = len(about["std"]) == 1
        image = image.convert("L" if grey else "RGB")
        height, width = about["size"]
        pixels = np.array(image.resize((width, height), Image.Resampling.BILINEAR), np.float32)
    if grey:
        pixels = pixels[:, :, None]
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).mean()
    if about["ink"] == "light" and rim > 127 and rim > pixels.mean():
        pixels = 255 - pixels
    pad = about["pad"]
    pixels = np.pad(pixels, ((pad, pad), (pad, pad), (0, 0)))
    x = (pixels / 255 - np.array(about["mean"])) / np.array(about["std"])
    logits = run(x.transpose(2, 0, 1)[None].astype(np.float32))[0]
    p = np.exp(logits - logits.max())
    return about["classes"][int(logits.argmax())], float((p / p.sum()).max())


def stroke(path, name):
    kind = "RGB" if "cifar" in name else "L"
    probe().convert(kind).save(path)
    return path


COLOUR = pytest.param("resnet20.cifar10_jpeg", marks=pytest.mark.long)
NAMES = pytest.mark.parametrize("name", ["lenet5.mnist", COLOUR])


@NAMES
@pytest.mark.filterwarnings("ignore")
def test_onnx_holds_all_that_is_needed_to_use_it_without_the_zoo(name, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    onnx = pytest.importorskip("onnx")
    assert zoo.export(name, tmp_path / "a.onnx").same
    session = onnxruntime.InferenceSession(str(tmp_path / "a.onnx"))
    props = session.get_modelmeta().custom_metadata_map
    about = {key: json.loads(value) for key, value in props.items()}
    assert [one.name for one in session.get_inputs()] == ["input"]
    assert [one.name for one in session.get_outputs()] == ["logits"]
    image = stroke(tmp_path / "a.png", name)
    run = lambda x: session.run(["logits"], {"input": x})[0]  # noqa: E731
    label, p = answer_of(run, about, image)
    right = zoo.load(name, device="cpu")(image)
    assert (label, round(p, 4)) == (right.label, round(right.probability, 4))
    assert about["card"]["sha256"] == zoo.card(name).sha256
    (tmp_path / "card.json").write_text(json.dumps(about["card"]))
    assert cards.read(tmp_path / "card.json") == zoo.card(name)
    onnx.checker.check_model(onnx.load(tmp_path / "a.onnx"))


@NAMES
def test_a_pt2_holds_the_same(name, tmp_path):
    assert zoo.export(name, tmp_path / "a.pt2").same
    extra = {"zoo.json": ""}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given buffer is not writable")
        program = torch.export.load(tmp_path / "a.pt2", extra_files=extra).module()
    about, image = json.loads(extra["zoo.json"]), stroke(tmp_path / "a.png", name)
    with torch.no_grad():
        label, p = answer_of(lambda x: program(torch.from_numpy(x)).numpy(), about, image)
    right = zoo.load(name, device="cpu")(image)
    assert (label, round(p, 4)) == (right.label, round(right.probability, 4))


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
        (None, {"format": "onnx"}, "weights are given by their name .*, got NoneType"),
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
