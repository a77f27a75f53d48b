"""A detector's transform gives the front end's input, alone and in a batch, and where it lies."""

import pickle

import numpy as np
import torch

from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.transform import BoxTransform

FRONT_END = BoxFrontEnd((32, 48), mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))


def pictures():
    draw = np.random.default_rng(0)
    return [draw.integers(0, 256, (20 + 7 * n, 33, 3), np.uint8) for n in range(3)]


def test_alone_in_a_list_and_in_a_batch():
    transform = BoxTransform(FRONT_END)
    raws = pictures()
    expected = torch.stack([FRONT_END(raw).image for raw in raws])
    assert torch.equal(transform(raws), expected)
    assert torch.equal(transform(raws[1]), expected[1])
    assert torch.equal(transform(np.stack([raws[0]] * 2))[1], expected[0])
    assert transform([]).shape == (0, 3, 32, 48)
    assert torch.equal(pickle.loads(pickle.dumps(transform))(raws[0]), expected[0])


def test_boxes_there_and_back():
    image, place = BoxTransform(FRONT_END).placed(pictures()[0])
    boxes = torch.tensor([[1.0, 2.0, 30.0, 19.0]])
    assert image.shape == (3, 32, 48)
    torch.testing.assert_close(place.to_image(place.to_input(boxes)), boxes)
