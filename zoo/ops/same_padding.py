"""TensorFlow's SAME padding. Proof: tests/ops/test_same_padding.py."""

import torch.nn.functional as F
from torch import Tensor


def pad_same(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Zeros around maps (N, C, H, W), so that a convolution leaves ceil(size / stride) places.

    They are computed from the size of the maps, and the odd one comes at the end: the trap is that
    ``padding=kernel // 2`` shifts even sizes by a pixel where the stride is 2.

    >>> import torch
    >>> pad_same(torch.ones(1, 1, 1, 4), 3, 2)[0, 0, 1]
    tensor([1., 1., 1., 1., 0.])
    """
    sides: list[int] = []
    for size in (x.shape[3], x.shape[2]):
        outputs = (size + stride - 1) // stride
        lack = max((outputs - 1) * stride + kernel - size, 0)
        sides += [lack // 2, lack - lack // 2]
    return F.pad(x, sides) if any(sides) else x
