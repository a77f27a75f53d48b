"""The graph of L. Engstrom's fast-style-transfer in plain numpy, from its 48 variables.

Written from the definition of TensorFlow's operations: SAME padding, a transposed convolution as
the sum of what every place sends out. Maps are (H, W, C), in float64.
"""

import numpy as np


def variables(seed=0):
    """Random variables with the names and shapes of a published checkpoint."""
    draw = np.random.default_rng(seed)
    kernels = [(9, 9, 3, 32), (3, 3, 32, 64), (3, 3, 64, 128), *[(3, 3, 128, 128)] * 10]
    kernels += [(3, 3, 64, 128), (3, 3, 32, 64), (9, 9, 32, 3)]
    made = []
    for number, shape in enumerate(kernels):
        maps = shape[2] if number in (13, 14) else shape[3]
        made.append(draw.normal(0, 0.1, shape))
        made += [draw.normal(0, 0.3, maps), draw.normal(1, 0.3, maps)]
    names = ["Variable", *(f"Variable_{n}" for n in range(1, 48))]
    return {k: v.astype(np.float32) for k, v in zip(names, made, strict=True)}


def convolution(x, kernel, stride):
    """SAME: so many zeros that every stride-th place has an output, the odd one at the end."""
    size = kernel.shape[0]
    out = [-(-side // stride) for side in x.shape[:2]]
    total = [max((o - 1) * stride + size - side, 0) for o, side in zip(out, x.shape, strict=False)]
    x = np.pad(x, [(t // 2, t - t // 2) for t in total] + [(0, 0)])
    y = np.zeros((*out, kernel.shape[3]))
    for i in range(size):
        for j in range(size):
            seen = x[i : i + stride * out[0] : stride, j : j + stride * out[1] : stride]
            y += seen[: out[0], : out[1]] @ kernel[i, j]
    return y


def transposed(x, kernel):
    """Place (i, j) sends x k[u, v] to (2 i + u, 2 j + v); the first 2 H x 2 W are kept."""
    high, wide = x.shape[:2]
    y = np.zeros((2 * high + 1, 2 * wide + 1, kernel.shape[2]))
    for u in range(3):
        for v in range(3):
            y[u : u + 2 * high : 2, v : v + 2 * wide : 2] += x @ kernel[u, v].T
    return y[: 2 * high, : 2 * wide]


def norm(x, shift, scale):
    """Instance norm with the biased variance and 1e-3."""
    mean, var = x.mean((0, 1)), x.var((0, 1))
    return scale * (x - mean) / np.sqrt(var + 1e-3) + shift


def picture(variables, pixels):
    """(H, W, 3) pixels 0 to 255 to the picture, not yet cut to 0 to 255."""
    v = [variables["Variable"], *(variables[f"Variable_{n}"] for n in range(1, 48))]
    v = [array.astype(np.float64) for array in v]

    def layer(x, at, stride):
        return norm(convolution(x, v[at], stride), v[at + 1], v[at + 2])

    x = pixels.astype(np.float64)
    for at, stride in ((0, 1), (3, 2), (6, 2)):
        x = np.maximum(layer(x, at, stride), 0)
    for at in range(9, 39, 6):
        x = x + layer(np.maximum(layer(x, at, 1), 0), at + 3, 1)
    for at in (39, 42):
        x = np.maximum(norm(transposed(x, v[at]), v[at + 1], v[at + 2]), 0)
    return np.tanh(layer(x, 45, 1)) * 150 + 255 / 2
