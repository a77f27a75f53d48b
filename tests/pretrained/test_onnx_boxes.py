"""ONNX with boxes out: what the file finds is what ``detect`` finds, in one image and in three."""

import importlib.util
import json

import pytest
import torch

from zoo.api.exporting import ALL, FORM
from zoo.api.exporting import export as export_named
from zoo.models.yolov3_tiny import YOLOv3Tiny
from zoo.nn.all_boxes import AllBoxes
from zoo.nn.export_form import Selection
from zoo.pretrained.export import export

NEEDED = ("onnx", "onnxscript", "onnxruntime")
pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in NEEDED), reason="needs deep-zoo[export]"
)
SELECTION = Selection(0.3, overlap=0.4, limit=7)
NAMES = ("candidate_boxes", "candidate_scores")
SIDE = 96


def small_network():
    """Few channels; of a bright image it finds more than ``limit``, of a black one nothing."""
    torch.manual_seed(0)
    model = YOLOv3Tiny(num_classes=3, widths=(2, 2, 4, 4, 8, 8, 8)).eval()
    for head in model.heads:
        weight, bias = head.weight.data.view(3, 8, -1), head.bias.data.view(3, 8)
        bias[:, 4] = -3
        weight[:, 4] = weight[:, 4].abs()
        weight[:, 5:] *= 3
    return model


def pictures(*levels):
    rng = torch.Generator().manual_seed(1)
    return torch.stack([level / 4 * torch.rand(3, SIDE, SIDE, generator=rng) for level in levels])


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    import onnxruntime

    model = small_network()
    path = tmp_path_factory.mktemp("onnx") / "small.onnx"
    network = AllBoxes(model)
    worst = export(network, (3, SIDE, SIDE), path, {"a": 1}, outputs=NAMES, selection=SELECTION)
    return model, onnxruntime.InferenceSession(str(path)), worst


def test_the_file_was_compared(exported):
    assert exported[2].keys() == {1, 3}
    assert max(exported[2].values()) < 1e-5


@pytest.mark.parametrize("levels", [(4,), (0,), (4, 0, 2), (0, 0, 0), (1, 2, 3, 4, 5)])
def test_the_file_finds_what_detect_finds(exported, levels):
    model, session, _ = exported
    images = pictures(*levels)
    boxes, labels, scores, numbers = map(
        torch.from_numpy, session.run(None, {"input": images.numpy()})
    )
    expected = model.detect(images, threshold=0.3, overlap=0.4, limit=7)
    assert [int((numbers == i).sum()) for i in range(len(levels))] == [x.size for x in expected]
    assert [x.size == 0 for x in expected] == [level == 0 for level in levels]
    assert numbers.tolist() == sorted(numbers.tolist())
    for i, one in enumerate(expected):
        own = numbers == i
        torch.testing.assert_close(boxes[own], one.boxes, rtol=1e-4, atol=1e-3)
        torch.testing.assert_close(scores[own], one.scores, rtol=1e-4, atol=1e-5)
        assert torch.equal(labels[own], one.labels)


def test_an_image_has_at_most_the_limit(exported):
    model, session, _ = exported
    found = model.detect(pictures(4), threshold=0.3, overlap=0.4, limit=1000)[0]
    assert found.size > 7
    assert len(found.labels.unique()) > 1
    assert len(session.run(["labels"], {"input": pictures(4).numpy()})[0]) == 7


def test_a_file_of_an_architecture_tells_its_form(tmp_path):
    import onnx

    told = export_named("yolov3_tiny_half", tmp_path / "half.onnx")
    assert told.same
    assert told.input_shape == (3, 416, 416)
    model = onnx.load(tmp_path / "half.onnx")
    about = {one.key: json.loads(one.value) for one in model.metadata_props}
    assert about["outputs"] == FORM
    assert (about["overlap"], about["limit"]) == (0.45, 100)
    assert [one.name for one in model.graph.output] == ["boxes", "labels", "scores", "images"]
    assert export_named("yolov3_tiny_half", tmp_path / "half.pt2").same
    extra = {"zoo.json": ""}
    torch.export.load(tmp_path / "half.pt2", extra_files=extra)
    assert json.loads(extra["zoo.json"])["outputs"] == ALL
