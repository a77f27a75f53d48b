"""Layers in numpy, one picture (C, H, W) at a time, for the networks' independent twins."""

import numpy as np


def relu(x):
    return np.maximum(x, 0)


def convolve(maps, weight, bias, stride=1, pad=0):
    """(C, H, W) to (O, H', W'): every window times every kernel."""
    maps = np.pad(maps, ((0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(maps, weight.shape[2:], axis=(1, 2))
    windows = windows[:, ::stride, ::stride]  # (C, H', W', k, k)
    return np.tensordot(weight, windows, ([1, 2, 3], [0, 3, 4])) + bias[:, None, None]


def pool(maps, size, stride, what=np.max, cover=False):
    """``what`` of each window; with ``cover`` of clipped windows too, until all is covered."""
    round_ = np.ceil if cover else np.floor
    rows, columns = (range(int(round_((n - size) / stride)) + 1) for n in maps.shape[1:])
    cut = [
        [maps[:, i * stride :, j * stride :][:, :size, :size] for j in columns] for i in rows
    ]  # fmt: skip
    return np.stack([np.stack([what(x, (1, 2)) for x in row], 1) for row in cut], 1)


def weights_of(model):
    """The state dict as float64 arrays."""
    return {key: value.double().numpy() for key, value in model.state_dict().items()}
