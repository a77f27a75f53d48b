"""Random changes of colour to a whole batch of images at once, on the device they are on.

Every function takes pixels (N, C, H, W) uint8 and a generator, gives uint8 of the same shape, and
draws the same numbers for an example whatever the number of processes. Channels are R, G, B.
Grey images (C = 1): brightness, contrast and shift act; saturation and hue have nothing to
change; principal colours are refused.

Papers: Krizhevsky et al. 2012, sec. 4.1 (principal colours); Howard 2013, arXiv:1312.5402, sec. 2
(brightness, contrast, saturation). Notes: course 4, week 2, "Data augmentation", colour shifting.
Deviations: values are cut to 0..255 after each change and rounded once, at the end; the order is
brightness, contrast, saturation, hue, where Howard draws the order too.
Proof: tests/data/image/test_augment_colour.py.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from zoo.errors import BadInput

Augment = Callable[[Tensor, torch.Generator], Tensor]

CACHE = 200_000  # values: 0.8 MB as float32
LUMA = (0.299, 0.587, 0.114)  # grey of R, G, B: ITU-R BT.601, as in JPEG

# Of the pixels of ImageNet's training set in [0, 1]. The paper prints no values; these are the ones
# that most trainers carry, from github.com/facebook/fb.resnet.torch, datasets/imagenet.lua.
IMAGENET_VALUES = (0.2175, 0.0188, 0.0045)
IMAGENET_VECTORS = (  # rows R, G, B; columns p1, p2, p3
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)


def colour(
    brightness: float = 0.4, contrast: float = 0.4, saturation: float = 0.4, hue: float = 0.0
) -> Augment:
    """Brighter or darker, with more or less contrast, more or less colour, another hue.

    Args:
        brightness, contrast, saturation: the factors are drawn from 1 - x to 1 + x, not below 0.
            An image is blended by the factor with black, with its mean grey, with its own greys.
        hue: largest turn of the colour circle either way, in turns; 0.5 is the opposite colour.

    Raises:
        BadInput: for a strength below 0, or a hue above 0.5.
    """
    strengths = (brightness, contrast, saturation)
    if not (all(0 <= x < math.inf for x in strengths) and 0 <= hue <= 0.5):
        got = f"{strengths} and {hue}"
        raise BadInput(f"strengths must be 0 or more and hue from 0 to 0.5, got {got}")

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        drawn = _uniform(4, pixels, draw)  # always four, so that one strength moves no other draw
        size = part_size(pixels)
        parts = zip(pixels.split(size), drawn.split(size, dim=1), strict=True)
        return torch.cat([changed(*part) for part in parts])

    def changed(pixels: Tensor, drawn: Tensor) -> Tensor:
        x = pixels.float()  # every step below writes to it
        if brightness:
            x = _blend(x, torch.zeros_like(x[:, :, :1, :1]), 1 + drawn[0] * brightness)
        if contrast:
            x = _blend(x, grey(x).mean((1, 2, 3), keepdim=True), 1 + drawn[1] * contrast)
        if saturation:
            x = _blend(x, grey(x), 1 + drawn[2] * saturation)
        if hue and pixels.shape[1] == 3:
            x = turn_hue(x, drawn[3] * hue)
        return x.round_().to(pixels.dtype)

    return apply


def shift_colour(most: float = 20) -> Augment:
    """Add a number to each channel, drawn from -``most`` to ``most`` grey levels: the notes."""

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        return _added(pixels, _uniform(pixels.shape[1], pixels, draw)[:, :, 0, 0, 0].T * most)

    return apply


def channel_gains(least: float = 0.7, most: float = 1.3, share: float = 0.3) -> Augment:
    """Multiply each channel by its own factor: light of another colour.

    Args:
        least, most: between which the factors of an image are drawn.
        share: of the batches that are changed; the others stay as they are.
    """

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        changed = bool(torch.rand((), generator=draw) < share)
        factors = least + (most - least) * torch.rand(*pixels.shape[:2], 1, 1, generator=draw)
        if not changed:
            return pixels
        return pixels.float().mul_(factors.to(pixels.device)).round_().clamp_(0, 255).byte()

    return apply


def pca_colour(
    strength: float = 0.1,
    values: tuple[float, ...] = IMAGENET_VALUES,
    vectors: tuple[tuple[float, ...], ...] = IMAGENET_VECTORS,
) -> Augment:
    """Add [p1 p2 p3][a1 l1, a2 l2, a3 l3]^T to every pixel, a ~ N(0, strength) once per image.

    Krizhevsky et al. 2012, sec. 4.1. The l are variances, so the formula depends on the unit:
    here, as in the programs that carry ImageNet's values, pixels lie in [0, 1].

    Args:
        strength: standard deviation of a.
        values, vectors: l (3,) and p (3, 3), a column each; from ``principal_colours``.

    Raises:
        BadInput: when used on images that are not RGB.
    """

    def apply(pixels: Tensor, draw: torch.Generator) -> Tensor:
        if pixels.shape[1] != 3:
            got = f"{pixels.shape[1]} channel(s)"
            raise BadInput(f"pca_colour needs RGB images, got {got}; use colour or none")
        a = torch.randn(len(pixels), 3, generator=draw) * strength
        added = (a * torch.tensor(values)) @ torch.tensor(vectors).T  # (N, 3)
        return _added(pixels, 255 * added.to(pixels.device))

    return apply


def principal_colours(
    pixels: Tensor,
) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
    """Eigenvalues (3,), largest first, and eigenvectors (3, 3), columns, of RGB's covariance.

    Args:
        pixels: the training set, (N, 3, H, W) uint8; taken as values in [0, 1].

    An eigenvector's sign is free: its sum is made positive.

    Raises:
        BadInput: if it is not RGB, or empty.
    """
    if pixels.dim() != 4 or pixels.shape[1] != 3 or not pixels.numel():
        raise BadInput(f"principal colours need pixels (N, 3, H, W), got {tuple(pixels.shape)}")
    total, products, count = torch.zeros(3).double(), torch.zeros(3, 3).double(), 0
    for part in pixels.split(1000):
        flat = part.cpu().permute(1, 0, 2, 3).reshape(3, -1).double() / 255
        total, products = total + flat.sum(1), products + flat @ flat.T
        count += flat.shape[1]
    mean = total / count
    values, vectors = torch.linalg.eigh(products / count - mean[:, None] * mean)
    vectors = torch.where(vectors.sum(0) < 0, -vectors, vectors).flip(1)
    variances = tuple(values.flip(0).clamp(min=0).tolist())  # rounding may leave a value below 0
    return variances, tuple(tuple(row) for row in vectors.tolist())


def grey(pixels: Tensor) -> Tensor:
    """Luma (N, 1, H, W) of (N, C, H, W) floats; one channel is its own grey."""
    if pixels.shape[1] == 1:
        return pixels
    if pixels.shape[1] != 3:
        raise BadInput(f"colours need 1 or 3 channels, got {pixels.shape[1]}")
    red, green, blue = pixels.split(1, dim=1)
    return (red * LUMA[0]).add_(green * LUMA[1]).add_(blue * LUMA[2])


def turn_hue(pixels: Tensor, turns: Tensor) -> Tensor:
    """RGB floats 0..255 (N, 3, H, W) with the hue turned by ``turns`` (N, 1, 1, 1).

    Value and saturation, as in Smith 1978, "Color gamut transform pairs", stay as they are.
    """
    value, chroma = pixels.amax(1), pixels.amax(1) - pixels.amin(1)  # (N, H, W)
    red, green, blue = pixels.unbind(1)
    safe = chroma.clamp(min=1e-6)  # grey has no hue: any will do
    sixths = torch.where(
        value == red,
        (green - blue) / safe,
        torch.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )
    sixths = sixths + 6 * turns[:, 0]
    rgb = []
    for corner in (5.0, 3.0, 1.0):  # R, G, B: the channel falls around its far side of the circle
        k = (sixths + corner) % 6
        rgb.append(value - chroma * torch.minimum(k, 4 - k).clamp(0, 1))
    return torch.stack(rgb, 1)


def _uniform(count: int, pixels: Tensor, draw: torch.Generator) -> Tensor:
    """``count`` numbers from -1 to 1 for each image: (count, N, 1, 1, 1)."""
    drawn = torch.rand(count, len(pixels), generator=draw) * 2 - 1
    return drawn.to(pixels.device)[:, :, None, None, None]


def _blend(pixels: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    """``other`` where the factor is 0, ``pixels`` where it is 1, beyond them above 1; in place."""
    factor = factor.clamp(min=0)
    rest = (1 - factor) * other
    return pixels.mul_(factor).add_(rest).clamp_(0, 255)


def _added(pixels: Tensor, levels: Tensor) -> Tensor:
    """``levels`` (N, C) added to every pixel."""
    size = part_size(pixels)
    parts = zip(pixels.split(size), levels[:, :, None, None].split(size), strict=True)
    moved = [part.float().add_(by).round_().clamp_(0, 255).to(pixels.dtype) for part, by in parts]
    return torch.cat(moved)


def part_size(pixels: Tensor) -> int:
    """How many images are changed at a time: on the CPU as many as fit into its cache as floats."""
    if pixels.device.type != "cpu":
        return max(1, len(pixels))
    return max(1, CACHE // max(1, pixels.shape[1:].numel()))
