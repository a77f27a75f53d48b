"""Faces cut out: facenet-pytorch's rule by hand and beside it; drawn faces turned upright."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from tests.helpers.drawn_face import BOX, FIVE, drawn_face
from zoo.data.image.faces import PLACES, PLACES_IN, face_by_box, face_by_points
from zoo.errors import BadInput
from zoo.ops.similarity import similarity


def test_without_margin_it_is_the_box_in_whole_pixels():
    picture = drawn_face()
    face = face_by_box(picture, [58.9, 50.2, 142.7, 172.9], 80)
    expected = picture.crop((58, 50, 142, 172)).resize((80, 80), Image.Resampling.BILINEAR)
    assert face.tobytes() == expected.tobytes()


def test_the_margin_is_of_the_result():
    """Of 160 pixels 32 are margin, 16 on each side: the box takes the other 128."""
    picture = drawn_face()
    face = face_by_box(picture, [60, 60, 140, 140], 160, 32)
    around = picture.crop((50, 50, 150, 150)).resize((160, 160), Image.Resampling.BILINEAR)
    assert face.tobytes() == around.tobytes()
    edge = face_by_box(picture, [-20, 150, 60, 230], 160, 32)  # the picture ends before the margin
    assert edge.tobytes() == picture.crop((0, 140, 70, 200)).resize((160, 160), 2).tobytes()


def test_a_box_beside_the_picture_still_gives_a_face():
    assert face_by_box(drawn_face(), [300, 300, 310, 310], 20).size == (20, 20)


def test_beside_facenet_pytorch():
    extract_face = pytest.importorskip("facenet_pytorch").extract_face
    for box, size, margin in ((BOX, 160, 0), ((-5.5, 20.2, 80.8, 140.1), 160, 32), (BOX, 96, 14)):
        ours = np.float32(face_by_box(drawn_face(), box, size, margin))
        peers = extract_face(drawn_face(), np.array(box), size, margin).permute(1, 2, 0).numpy()
        assert np.abs(ours - peers).max() <= 1


def darkest(image, near):
    """The middle of the dark pixels within 16 pixels of a place."""
    grey = np.asarray(image.convert("L"), dtype=float)
    y, x = np.mgrid[: image.height, : image.width] + 0.5
    weight = np.clip(110 - grey, 0, None) * (np.hypot(x - near[0], y - near[1]) < 10)
    return (x * weight).sum() / weight.sum(), (y * weight).sum() / weight.sum()


@pytest.mark.parametrize("turn", [0, 25, -60, 180])
@pytest.mark.parametrize("scale", [1, 3])
def test_eyes_come_where_eyes_are_however_the_face_is_turned(turn, scale):
    picture = drawn_face().resize((200 * scale, 200 * scale))
    turned = picture.rotate(turn, Image.Resampling.BICUBIC)  # around its middle, counterclockwise
    cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    away = torch.tensor(FIVE, dtype=torch.float64) * scale - 100 * scale
    five = away @ torch.tensor([[cosine, -sine], [sine, cosine]], dtype=torch.float64) + 100 * scale
    face = face_by_points(turned, five, 112)
    upright = similarity(torch.tensor(FIVE), torch.tensor(PLACES))
    for eye in FIVE[:2]:
        expected = (upright[:, :2] @ torch.tensor(eye).double() + upright[:, 2]).tolist()
        assert darkest(face, expected) == pytest.approx(expected, abs=1.5)


def test_the_margin_shows_more_of_what_is_around():
    five = torch.tensor(FIVE)
    near, far = face_by_points(drawn_face(), five, 112), face_by_points(drawn_face(), five, 112, 56)
    inner = far.crop((28, 28, 84, 84)).resize((112, 112), Image.Resampling.BILINEAR)
    apart = np.abs(np.float32(inner) - np.float32(near))
    assert apart.mean() < 6
    assert np.abs(np.float32(far) - np.float32(near)).mean() > 20


@pytest.mark.parametrize(
    ("size", "margin", "wrong"),
    [(0, 0, "size must be"), (5000, 0, "size must be"), (160, 160, "margin"), (160, -1, "margin")],
)
def test_sizes_and_margins_that_cannot_be(size, margin, wrong):
    with pytest.raises(BadInput, match=wrong):
        face_by_box(drawn_face(), BOX, size, margin)
    with pytest.raises(BadInput, match=wrong):
        face_by_points(drawn_face(), torch.tensor(FIVE), size, margin)


def test_points_that_are_all_the_same():
    with pytest.raises(BadInput, match="cannot be aligned"):
        face_by_points(drawn_face(), torch.ones(5, 2))
    assert len(PLACES) == 5
    assert max(map(max, PLACES)) < PLACES_IN
