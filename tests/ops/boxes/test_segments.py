"""Graph-based segmentation, by hand."""

import numpy as np

from zoo.ops.boxes.segments import segments


def test_two_halves() -> None:
    image = np.zeros((4, 6, 3))
    image[:, 3:] = 100.0
    assert segments(image, 50.0, 1).tolist() == [[0, 0, 0, 1, 1, 1]] * 4
    assert (segments(image, 5000.0, 1) == 0).all()  # 100 is below 5000 / 12


def test_a_slow_change_holds_together() -> None:
    slope = np.arange(10.0)[None, :, None].repeat(3, 0) * 10  # 90 in all, 10 a step
    assert (segments(slope, 30.0, 1) == 0).all()


def test_small_segments_join() -> None:
    image = np.zeros((5, 5, 1))
    image[2, 2] = 255.0
    assert len(np.unique(segments(image, 10.0, 1))) == 2
    assert len(np.unique(segments(image, 10.0, 2))) == 1


def test_one_pixel_and_one_line() -> None:
    assert segments(np.zeros((1, 1, 3)), 10.0, 5).tolist() == [[0]]
    assert segments(np.zeros((1, 7, 3)), 10.0, 5).tolist() == [[0] * 7]
