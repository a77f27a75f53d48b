"""A small interpreter of Darknet's cfg files, independent of the zoo: lines and numbers to maps.

A cfg is written in short, one word for each section:
    c32-3 c64-3/2   convolution to 32 channels of 3x3, of stride 2; batch norm, leaky ReLU
    b64-7/2         the same with a bias instead of batch norm
    l255            1x1 convolution to 255 channels with a bias, nothing after it
    f4096 o1470     fully connected with a leaky ReLU, without
    m2/1            max pooling of 2x2 with stride 1
    r-4 r-1,8       route: channels of earlier layers, one behind the other
    s-3             shortcut: the sum with an earlier layer
    u  g  a  y      upsample by 2, reorg by 2, average, detection (its input is an output)
Numbers come in the order of a file of weights. Everything is float64.
"""

import numpy as np
import torch
import torch.nn.functional as F

EPS = 1e-5


class Numbers:
    """The numbers of a file, taken from the front."""

    def __init__(self, flat):
        self.flat, self.at = torch.from_numpy(np.asarray(flat, dtype=np.float64)), 0

    def take(self, *shape):
        size = int(np.prod(shape))
        part = self.flat[self.at : self.at + size]
        assert len(part) == size, "the file is too short"
        self.at += size
        return part.reshape(shape)


def leaky(x):
    return torch.where(x > 0, x, 0.1 * x)


def convolution(word, x, numbers, divisor):
    kind, (shape, _, stride) = word[0], word[1:].partition("/")
    channels, _, kernel = shape.partition("-")
    n, k = int(channels) // (1 if kind == "l" else divisor), int(kernel or 1)
    bias = numbers.take(n)
    if kind == "c":
        scale, mean, variance = (numbers.take(n) for _ in range(3))
    weights = numbers.take(n, x.shape[1], k, k)
    x = F.conv2d(x, weights, stride=int(stride or 1), padding=k // 2)
    if kind == "c":
        mean, variance, scale = (v[:, None, None] for v in (mean, variance, scale))
        x = (x - mean) / (variance + EPS).sqrt() * scale
    x = x + bias[:, None, None]
    return x if kind == "l" else leaky(x)


def connected(word, x, numbers, divisor):
    n = int(word[1:]) // (divisor if word[0] == "f" else 1)
    flat = x.reshape(len(x), -1)
    bias, weights = numbers.take(n), numbers.take(n, flat.shape[1])
    x = flat @ weights.T + bias
    return x if word[0] == "o" else leaky(x)


def pooling(word, x, *_):
    size, stride = map(int, word[1:].split("/"))
    h, w = ((side - 1) // stride + 1 for side in x.shape[2:])
    best = torch.full((*x.shape[:2], h, w), -torch.inf, dtype=x.dtype)
    for row in range(h):
        for column in range(w):
            window = x[..., row * stride :, column * stride :][..., :size, :size]
            best[..., row, column] = window.amax((2, 3))
    return best


def reorg(_, x, *rest):
    batch, c, h, w = x.shape
    k, j, i = torch.meshgrid(torch.arange(c), torch.arange(h), torch.arange(w), indexing="ij")
    channel, part = k % (c // 4), k // (c // 4)
    source = (i * 2 + part % 2) + 2 * w * ((j * 2 + part // 2) + 2 * h * channel)
    flat = x.reshape(batch, -1)[:, source.reshape(-1)]
    return flat.reshape(batch, 4 * c, h // 2, w // 2)


def upsample(_, x, *rest):
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def average(_, x, *rest):
    return x.mean((2, 3), keepdim=True)


LAYERS = {
    "c": convolution, "b": convolution, "l": convolution, "f": connected, "o": connected,
    "m": pooling, "g": reorg, "u": upsample, "a": average,
}  # fmt: skip


def interpret(cfg, flat, images, divisor=1):
    """The maps before each ``y``, or the last layer if there is none; all numbers are used.

    Args:
        flat: the numbers of the file, without its header.
        divisor: of all channels but those of ``l`` and ``o``.
    """
    numbers, made, found, x = Numbers(flat), [], [], images.double()
    for word in cfg.split():
        if word[0] in "rs":
            places = [int(p) for p in word[1:].split(",")]
            parts = [made[p if p >= 0 else len(made) + p] for p in places]
            x = torch.cat(parts, 1) if word[0] == "r" else x + parts[0]
        elif word == "y":
            found.append(x)
        else:
            x = LAYERS[word[0]](word, x, numbers, divisor)
        made.append(x)
    assert numbers.at == len(numbers.flat), "the file is too long"
    return found or [x]
