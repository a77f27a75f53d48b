"""MTCNN: the counts of the paper's networks, a plain cascade, facenet-pytorch's own answers."""

import io
import json
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import zoo
from tests.helpers.drawn_face import BOX, FIVE, drawn_face, scene
from tests.models import detector_checks as checks
from tests.models.plain_mtcnn import plain_mtcnn
from zoo.errors import BadInput, UnknownName
from zoo.models.mtcnn import MTCNN, max_pool
from zoo.nn.detector import Detector
from zoo.ops.area import area_resized
from zoo.ops.boxes.cascade import pyramid, scaled_size

LOW = partial(MTCNN, thresholds=(0.3, 0.3))  # an untrained network finds something
PEER = json.loads(Path(__file__).with_name("mtcnn_faces.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def finder():
    return zoo.load("mtcnn.wider_face", device="cpu")


def test_parameters_of_the_three_networks():
    counts = [sum(p.numel() for p in one.parameters()) for one in MTCNN().blocks()]
    assert counts == [6_632, 100_178, 389_040]
    assert isinstance(MTCNN(), Detector)


def test_names_and_shapes_are_facenet_pytorchs():
    shapes = {name: tuple(tensor.shape) for name, tensor in MTCNN().state_dict().items()}
    assert len(shapes) == 13 + 16 + 21
    assert shapes["pnet.conv4_2.weight"] == (4, 32, 1, 1)
    assert shapes["rnet.dense4.weight"] == (128, 576)
    assert shapes["onet.dense5.weight"] == (256, 1152)
    assert shapes["onet.prelu5.weight"] == (256,)
    assert shapes["onet.dense6_3.weight"] == (10, 256)


@pytest.mark.parametrize("size", [2, 3])
def test_the_fast_pooling_is_the_usual_one(size):
    usual = nn.MaxPool2d(size, 2, ceil_mode=True)
    for height in range(size, size + 6):
        x = torch.randn(2, 3, height, height + 1)
        assert torch.equal(max_pool(x, size), usual(x))


@pytest.mark.parametrize(
    "check",
    [
        checks.check_alone_and_in_a_batch,
        checks.check_detections,
        checks.check_threshold,
        checks.check_overlap,
        checks.check_gradients,
        checks.check_export_and_compile,
    ],
)
def test_a_detector(check):
    check(LOW, (40, 48))


def test_there_is_one_class():
    model = MTCNN()
    model.reset_classifier(1)
    with pytest.raises(BadInput, match="one class, faces; got num_classes=2"):
        model.reset_classifier(2)
    with pytest.raises(ValueError, match="at least 1"):
        model.reset_classifier(0)
    with pytest.raises(UnknownName, match="num_classes"):
        zoo.create_model("mtcnn", num_classes=2)


@pytest.mark.parametrize(
    "wrong", [{"min_face": 0}, {"factor": 1.0}, {"factor": 0.0}, {"thresholds": (0.6, 0.7, 0.7)}]
)
def test_arguments_that_cannot_be(wrong):
    with pytest.raises(BadInput, match="min_face must be at least 1"):
        zoo.create_model("mtcnn", **wrong)


def same(found, expected, within=1e-3):
    """Whether detections are the plain cascade's."""
    assert found.size == len(expected)
    for score, box, points, (at_score, at_box, at_points) in zip(
        found.scores, found.boxes, found.points, expected, strict=True
    ):
        assert float(score) == pytest.approx(at_score, abs=within)
        assert box.tolist() == pytest.approx(at_box, abs=within)
        assert points.flatten().tolist() == pytest.approx(np.ravel(at_points), abs=within)


def test_random_weights_give_the_plain_cascades_answers():
    """In float64: untrained scores lie close together, their order would be a matter of luck."""
    model = checks.made(LOW, (40, 52), seed=3).double()
    picture = checks.images((40, 52), 1).double() * 2 - 1
    (found,) = model.detect(picture, threshold=0.3)
    expected = plain_mtcnn(model.state_dict(), picture, (0.3, 0.3, 0.3))
    assert len(expected) >= 2
    same(found, expected[:100])


def test_trained_weights_give_the_plain_cascades_answers(finder):
    picture = finder.front_end(scene((-60, 20), (150, 40), (330, -90))).image[None]
    expected = plain_mtcnn(finder.model.state_dict(), picture)
    assert len(expected) >= 2
    same(finder.model.detect(picture)[0], expected)


def test_the_drawn_face_and_its_points(finder):
    answer = finder(drawn_face())
    assert (answer.labels, answer.points.shape) == (("face",), (1, 5, 2))
    assert float(answer.scores[0]) > 0.95
    assert (answer.boxes[0] - torch.tensor(BOX)).abs().max() < 5
    assert (answer.points[0] - torch.tensor(FIVE)).abs().max() < 4


def test_one_by_one_and_together_whatever_their_sizes(finder):
    pictures = [
        drawn_face(),
        scene((10, 30), (210, 50)),
        Image.new("RGB", (64, 30)),
        drawn_face().resize((120, 120)),
        scene((30, 10), (200, 40)),
    ]
    together = finder(pictures)
    for picture, found in zip(pictures, together, strict=True):
        alone = finder(picture)
        assert len(alone) == len(found)
        assert torch.allclose(alone.boxes, found.boxes, atol=1e-3)
        assert torch.allclose(alone.points, found.points, atol=1e-3)
        assert torch.allclose(alone.scores, found.scores, atol=1e-5)
    assert [len(one) for one in together] == [1, 2, 0, 1, 2]


def test_many_images_are_computed_in_parts(finder, monkeypatch):
    batch = torch.stack([finder.front_end(drawn_face()).image] * 3)
    whole = finder.model.detect(batch)
    monkeypatch.setattr("zoo.models.mtcnn.PIXELS", 50_000)
    monkeypatch.setattr("zoo.models.mtcnn.CUTS", 3)
    for one, other in zip(whole, finder.model.detect(batch), strict=True):
        assert torch.allclose(one.boxes, other.boxes, atol=1e-3)


def test_a_face_at_the_border_keeps_its_box_inside(finder):
    picture = drawn_face().crop((80, 0, 200, 200))
    (raw,) = finder.model.detect(finder.front_end(picture).image[None])
    assert raw.boxes[0, 0] < 0  # the network sees where the face would be
    answer = finder(picture)
    assert len(answer) == 1
    assert answer.boxes.min() >= 0
    assert float(answer.boxes[0, 2]) <= 120
    assert answer.points[0, 0, 0] < 10


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (1, 1)),
        Image.new("RGB", (19, 300), "white"),
        Image.new("RGB", (20, 20), "red"),
        Image.new("RGBA", (21, 20), (200, 10, 10, 128)),
        Image.new("L", (400, 20), 77),
        Image.effect_noise((64, 48), 90),
    ],
    ids=["1x1", "narrow", "20x20", "rgba", "long", "noise"],
)
def test_no_face(finder, picture):
    answer = finder(picture)
    assert (len(answer), answer.points.shape) == (0, (0, 5, 2))
    assert str(answer) == "nothing found (scores from 0.7)"


def test_grey_and_transparent_pictures(finder):
    grey, clear = drawn_face().convert("L"), drawn_face().convert("RGBA")
    assert len(finder(grey)) == 1
    assert torch.equal(finder(clear).boxes, finder(drawn_face()).boxes)


def picture_of(root, name):
    folder, archive, inside = name.partition("images.zip/")
    if not archive:
        return Image.open(root / folder)
    with zipfile.ZipFile(root / folder / "images.zip") as file:
        return Image.open(io.BytesIO(file.read(inside)))


@pytest.mark.parametrize("name", PEER)
def test_the_faces_that_facenet_pytorch_finds(finder, zoo_data, name):
    """Of its version 2.6.0 with the same weights, at its defaults, unclipped."""
    (found,) = finder.model.detect(finder.front_end(picture_of(zoo_data, name)).image[None])
    expected = [(one["score"], one["box"], one["points"]) for one in PEER[name]]
    same(found, expected)


def test_the_numbers_are_of_one_face_and_of_crowds():
    assert [len(faces) for faces in PEER.values()] == [1, 11, 16, 3]


def test_beside_facenet_pytorch(finder):
    peer = pytest.importorskip("facenet_pytorch").MTCNN(keep_all=True, select_largest=False)
    finder.model.load_state_dict(peer.state_dict())  # strictly: its names, its numbers
    for picture in (drawn_face(), scene((-60, 20), (150, 40), (330, -90))):
        boxes, scores, points = peer.detect(picture, landmarks=True)
        expected = list(zip(scores.tolist(), boxes.tolist(), points.tolist(), strict=True))
        same(finder.model.detect(finder.front_end(picture).image[None])[0], expected)


def test_what_zoo_see_explains_is_the_best_score_of_the_first_network():
    torch.manual_seed(0)
    model = MTCNN().eval()
    images = torch.rand(2, 3, 40, 50, requires_grad=True)
    scores = model.class_scores(images)
    sizes = [scaled_size(40, 50, scale) for scale in pyramid(40, 50, 20, 0.709)]
    expected = [
        max(float(model.pnet(area_resized(one[None], size))[0].softmax(1)[0, 1].max().detach())
            for size in sizes)
        for one in images
    ]  # fmt: skip
    assert scores.shape == (2, 1)
    assert scores.flatten().tolist() == pytest.approx(expected, rel=1e-5)
    moved = torch.autograd.grad(scores[1, 0], images)[0]
    assert moved[1].any()
    assert not moved[0].any()
    assert model.class_scores(torch.rand(1, 3, 5, 9)).shape == (1, 1)  # smaller than any face
