"""Made-up pictures are what Pillow reads back, and always the same."""

import torch

from zoo.bench.common.pictures import blobs, strokes, unpacked


def test_pictures_are_always_the_same_and_differ_by_seed():
    assert blobs(3, 40, 24) == blobs(3, 40, 24) != blobs(4, 40, 24)
    colour, grey = unpacked(blobs(0, 40, 24)), unpacked(strokes(0, 56))
    assert colour.shape == (3, 24, 40)
    assert grey.shape == (1, 56, 56)
    assert grey.unique().equal(torch.tensor([0.0, 1.0]))
