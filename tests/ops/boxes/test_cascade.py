"""What lies between the networks of a cascade, by hand."""

import pytest
import torch

from zoo.ops.boxes.cascade import (
    Candidates,
    cells,
    cuts,
    inside,
    moved,
    nms_of_smaller,
    pyramid,
    scaled_size,
    squared,
)


def test_the_pyramid_ends_where_a_face_of_12_pixels_would_not_fit():
    scales = pyramid(100, 80, smallest=20, factor=0.709)
    assert scales[0] == 0.6
    assert scales[1] == pytest.approx(0.6 * 0.709)
    assert 80 * scales[-1] >= 12 > 80 * scales[-1] * 0.709
    assert pyramid(19, 300, 20, 0.709) == []
    assert pyramid(20, 20, 20, 0.709) == [0.6]
    assert scaled_size(20, 33, 0.6) == (13, 20)


def test_a_cell_is_what_the_first_network_sees():
    boxes = cells(torch.tensor([0, 3]), torch.tensor([0, 5]), 0.5, torch.float32)
    assert boxes.tolist() == [[2, 2, 24, 24], [22, 14, 44, 36]]
    boxes = cells(torch.tensor([4]), torch.tensor([5]), 0.6, torch.float32)
    assert boxes.tolist() == [[18, 14, 36, 33]]  # 9 / 0.6 is below 15 in float32


def test_offsets_are_in_sides_of_the_box():
    box = torch.tensor([[10.0, 20, 19, 39]])
    offsets = torch.tensor([[0.1, -0.1, 0.2, 0.5]])
    assert moved(box, offsets, 1)[0].tolist() == pytest.approx([11, 18, 21, 49])
    assert moved(box, offsets, 0)[0].tolist() == pytest.approx([10.9, 18.1, 20.8, 48.5])


def test_squares_have_the_centre_and_the_longer_side():
    made = squared(torch.tensor([[0.0, 0, 10, 4], [5, 5, 6, 9]]))
    assert made.tolist() == [[0, -3, 10, 7], [3.5, 5, 7.5, 9]]


def test_pixels_are_counted_from_one_and_cut_at_the_border():
    boxes = torch.tensor([[1.0, 1, 4, 4], [-2.7, 0.9, 3.9, 2], [8, 8, 30, 40], [40, 1, 50, 9]])
    assert inside(boxes, 20, 10).tolist() == [
        [0, 0, 4, 4],
        [0, 0, 3, 2],
        [7, 7, 10, 20],
        [39, 0, 10, 9],
    ]


def test_cuts_are_of_their_image_and_of_one_size():
    images = torch.arange(2 * 16.0).view(2, 1, 4, 4)
    boxes = torch.tensor([[1.0, 1, 2, 2], [3, 3, 4, 4], [9, 9, 12, 12]])
    found = Candidates(torch.tensor([1, 0, 0]), boxes, torch.tensor([0.9, 0.8, 0.7]))
    pixels, kept = cuts(images, found, 1)
    assert pixels.flatten().tolist() == [18.5, 12.5]  # the means of 2 x 2 pixels
    assert kept.scores.tolist() == pytest.approx([0.9, 0.8])  # the third lies beside its image
    none, _ = cuts(images, found.pick(torch.tensor([2])), 3)
    assert none.shape == (0, 1, 3, 3)


def test_a_small_box_inside_a_large_one_is_suppressed():
    boxes = torch.tensor([[0.0, 0, 99, 99], [10, 10, 19, 19], [0, 0, 99, 66], [200, 0, 210, 10]])
    scores = torch.tensor([0.9, 0.95, 0.5, 0.2])
    # an IoU of 0.01, yet all of the smaller one is covered: the higher score stays
    assert nms_of_smaller(boxes, scores, 0.7).tolist() == [1, 3]
    assert nms_of_smaller(boxes, scores, 1.0).tolist() == [1, 0, 2, 3]
    assert nms_of_smaller(boxes[:0], scores[:0], 0.7).tolist() == []


def test_of_equal_scores_the_last_stays():
    boxes = torch.tensor([[0.0, 0, 9, 9]] * 3)
    assert nms_of_smaller(boxes, torch.ones(3), 0.7).tolist() == [2]


def test_the_share_at_the_threshold_stays():
    boxes = torch.tensor([[0.0, 0, 9, 9], [0, 3, 9, 12]])  # 7 of 10 rows in common
    assert len(nms_of_smaller(boxes, torch.tensor([0.9, 0.8]), 0.7)) == 2
    assert len(nms_of_smaller(boxes, torch.tensor([0.9, 0.8]), 0.69)) == 1
