"""Keeping the colours of the content picture.

Paper: Gatys, Bethge, Hertzmann and Shechtman 2016, "Preserving Color in Neural Artistic Style
Transfer", arXiv:1606.05897: colour matching (sec. 3, by the symmetric square roots of covariances,
as Monge's linear transport has them) and luminance only (sec. 4).
All images are (N, 3, H, W) RGB, about [0, 1]. Proof: tests/trainers/style/test_colour.py.
"""

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # Y of YIQ (BT.601)
LEAST = 1e-5  # of a variance


def luminance(images: Tensor) -> Tensor:
    """Their grey in three equal channels, (N, 3, H, W)."""
    weights = images.new_tensor(LUMA).view(1, 3, 1, 1)
    return (images * weights).sum(1, keepdim=True).expand_as(images).contiguous()


def with_luminance(images: Tensor, grey: Tensor) -> Tensor:
    """Images with the luminance of others: I and Q of YIQ stay.

    Adding one number to R, G and B changes Y by that number, and neither I nor Q.
    """
    return images + luminance(grey) - luminance(images)


def match_luminance(style: Tensor, content: Tensor) -> Tensor:
    """The grey of the style, with the mean and the standard deviation of the content's."""
    own, other = luminance(style), luminance(content)
    ratio = other.std() / own.std().clamp_min(LEAST)
    return (own - own.mean()) * ratio + other.mean()


def match_colours(style: Tensor, content: Tensor) -> Tensor:
    """The style with the mean and the covariance of the content's colours, cut to [0, 1].

    x -> S_c^(1/2) S_s^(-1/2) (x - m_s) + m_c
    """
    (mean, own), (goal, other) = _moments(style), _moments(content)
    change = _power(other, 0.5) @ _power(own, -0.5)
    pixels = style.double().transpose(0, 1).flatten(1)  # (3, N H W)
    moved = change @ (pixels - mean) + goal
    shape = (3, style.shape[0], *style.shape[2:])
    return moved.view(shape).transpose(0, 1).clamp(0, 1).to(style.dtype).contiguous()


def _moments(images: Tensor) -> tuple[Tensor, Tensor]:
    pixels = images.double().transpose(0, 1).flatten(1)
    mean = pixels.mean(1, keepdim=True)
    away = pixels - mean
    return mean, away @ away.T / pixels.shape[1]


def _power(matrix: Tensor, exponent: float) -> Tensor:
    """A power of a symmetric matrix, (3, 3)."""
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(LEAST).pow(exponent)) @ vectors.T
