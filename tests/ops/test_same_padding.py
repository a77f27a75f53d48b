"""SAME padding against TensorFlow's definition, size by size."""

import pytest
import torch
import torch.nn.functional as F

from zoo.ops.same_padding import pad_same


@pytest.mark.parametrize("kernel", [1, 2, 3, 9])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_as_many_places_as_the_size_over_the_stride_rounded_up(kernel, stride):
    """Together max((ceil(size / stride) - 1) stride + kernel - size, 0); the smaller half first."""
    for size in range(1, 12):
        x = torch.arange(1.0, size + 1).expand(1, 1, size, size)
        padded = pad_same(x, kernel, stride)
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        row = [0.0] * (total // 2) + list(range(1, size + 1)) + [0.0] * (total - total // 2)
        assert padded[0, 0, total // 2].tolist() == row
        assert padded.shape[2] == padded.shape[3] == size + total
        made = F.conv2d(padded, torch.ones(1, 1, kernel, kernel), stride=stride)
        assert made.shape[2] == -(-size // stride)


def test_even_sizes_are_padded_at_the_end_alone():
    padded = pad_same(torch.ones(1, 1, 6, 7), 3, 2)
    assert padded.shape == (1, 1, 7, 9)
    assert padded[0, 0, 0].tolist() == [0, *[1] * 7, 0]  # no row above, one column on either side
    assert padded[0, 0, -1].sum() == 0
