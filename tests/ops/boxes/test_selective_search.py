"""Selective search: merging by hand, painted objects among the proposals."""

import numpy as np
import torch

from zoo.ops.boxes.iou import iou
from zoo.ops.boxes.selective_search import merged, selective_search


def test_merging_by_hand() -> None:
    """The two red thirds are alike and merge before the blue one joins."""
    pixels = np.zeros((2, 6, 3))
    pixels[:, :4, 0] = 200.0
    pixels[:, 4:, 2] = 200.0
    segment = np.array([[0, 0, 1, 1, 2, 2]] * 2)
    boxes = [[0, 0, 6, 2], [0, 0, 4, 2], [4, 0, 6, 2], [2, 0, 4, 2], [0, 0, 2, 2]]
    assert merged(pixels, segment).tolist() == boxes


def test_painted_objects_are_proposed() -> None:
    image = torch.zeros(3, 120, 160)
    boxes = torch.tensor([[10.0, 20, 50, 60], [70, 30, 150, 100], [12, 80, 30, 110]])
    for channel, box in enumerate(boxes.long().tolist()):
        image[channel, box[1] : box[3], box[0] : box[2]] = 1.0
    proposals = selective_search(image)
    assert iou(boxes, proposals).amax(1).min() > 0.9
    assert len(proposals) == len(proposals.unique(dim=0))
    assert torch.equal(proposals, selective_search(image))
    assert torch.equal(selective_search(image, 2), proposals[:2])
    twice = selective_search(torch.nn.functional.interpolate(image[None], scale_factor=4)[0])
    assert iou(boxes * 4, twice).amax(1).min() > 0.9


def test_odd_images() -> None:
    for shape in ((3, 1, 1), (3, 1, 5000), (1, 300, 2)):
        proposals = selective_search(torch.rand(*shape))
        assert proposals.isfinite().all()
        assert (proposals[:, 2:] > proposals[:, :2]).all()
    assert selective_search(torch.full((3, 30, 40), 7.0)).tolist() == [[0, 0, 40, 30]]
