r"""The losses of neural style transfer: content, style, total variation.

Paper: Gatys, Ecker and Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks",
sec. 2. Notes: course 4, week 4, "Neural Style Transfer". With the features a^[l] of a layer, of C
channels and M = H W positions, of the content image, the style image S and the image G:

    J(G)              = alpha J_content(G) + beta J_style(G)
    J_content(G)      = 1/2 sum (a(G) - a(content))^2
    G_kk'             = sum_ij a_ijk a_ijk'                         the Gram matrix, (C, C)
    J_style^[l](S, G) = 1 / (2 C M)^2  sum_kk' (G_kk'(S) - G_kk'(G))^2
    J_style(S, G)     = sum_l lambda^[l] J_style^[l]

Programs called "neural style" differ in what they divide by, so that their weights cannot be
exchanged. Here the statistic of a layer is always G / M, and a ``Convention`` says the rest:

    name      style of a layer                  layers   content             as in
    gatys     sum (G - G')^2 / (2 C M)^2        mean     1/2 sum             the paper, the notes
    johnson   mean ((G - G') / (C M))^2         sum      mean                pytorch/examples
    gordic    sum ((G - G') / (C M))^2          mean     mean                gordicaleksa
    moments   mean ((K - K') / M)^2             mean     mean                here

The mean over C^2 entries makes johnson's loss of a layer 4 / C^2 times gatys': one of 512 channels
then counts 64 times less than one of 64. gordic's is 4 times gatys'. K are the second moments of
[a; 1], (C + 1, C + 1): the Gram matrix and, in its last column, the means; together they are
covariance and mean. It is meant to be divided by a typical value, layer by layer.

Deviations: a style image may have another number of positions than the image: each Gram matrix is
divided by its own M (the paper's form needs equal sizes, and is then the same). Total variation is
none of the paper's.
Proof: tests/losses/test_style.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.errors import unknown

Features = Mapping[str, Tensor]  # by layer, (N, C, H, W)


@dataclass(frozen=True)
class Convention:
    """What a program divides by, and the weights that it has for that.

    Attributes:
        style_factor: of C, before the sum of squares of the differences of statistics.
        content_factor: of the numbers in a layer's features of an image, before that of features.
        mean_of_layers: whether the style loss is the mean over the layers, else their sum.
        with_means: whether the statistic has the means too.
        content_weight, style_weight: alpha and beta of that program, for features of a network
            whose input has a standard deviation of about 1.
    """

    name: str
    style_factor: Callable[[int], float]
    content_factor: Callable[[int], float]
    mean_of_layers: bool
    content_weight: float
    style_weight: float
    with_means: bool = False

    def statistic(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C, C), with the means (N, C + 1, C + 1); divided by H W."""
        return outer_sum(features, self.with_means) / (features.shape[2] * features.shape[3])

    def style(self, found: Tensor, wanted: Tensor) -> Tensor:
        """The style loss of a layer, the mean over N, a scalar.

        Args:
            found: the statistic of the images, (N, C, C).
            wanted: that of the style, (C, C) or (N or 1, C, C).
        """
        squares = (found - wanted).square().sum((-2, -1))  # (N,)
        return self.style_factor(found.shape[-1]) * squares.mean()

    def content(self, features: Tensor, wanted: Tensor) -> Tensor:
        """The content loss of a layer, the mean over N, a scalar; features (N, C, H, W)."""
        squares = wide(features - wanted).square().flatten(1).sum(1)  # (N,)
        return self.content_factor(features[0].numel()) * squares.mean()

    def layer_weights(self, layers: tuple[str, ...]) -> dict[str, float]:
        """The lambda of each layer: equal ones."""
        return dict.fromkeys(layers, 1 / len(layers) if self.mean_of_layers else 1.0)


CONVENTIONS = {
    one.name: one
    for one in (
        Convention("gatys", lambda c: 1 / (4 * c**2), lambda n: 0.5, True, 1.0, 1e3),
        # alpha / beta = 1e-3; their features are scaled to means of 1, torchvision's are near it
        Convention("johnson", lambda c: 1 / c**4, lambda n: 1 / n, False, 1e5, 1e10),
        # of pytorch/examples; jcjohnson's 5 and 100 are for inputs of 0 to 255
        Convention("gordic", lambda c: 1 / c**2, lambda n: 1 / n, True, 1e5, 1e8),
        # 3e4 for inputs of 0 to 255, 57 times as large: content goes with the square of that
        # scale, style with the fourth power
        Convention("moments", lambda c: 1 / c**2, lambda n: 1 / n, True, 1.5, 100.0, True),
    )
}


def convention(name: str) -> Convention:
    """A convention by its name.

    Raises:
        UnknownName: for another one.
    """
    if name not in CONVENTIONS:
        raise unknown("convention", name, CONVENTIONS)
    return CONVENTIONS[name]


def wide(x: Tensor) -> Tensor:
    """At least float32: sums over a picture overflow half precision."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def outer_sum(features: Tensor, with_means: bool = False) -> Tensor:
    """The Gram matrices (N, C, C) of features (N, C, H, W): sums over positions, not divided.

    As it is a sum, those of the parts of a picture add up to that of the whole.

    Args:
        with_means: of [a; 1]: (N, C + 1, C + 1), in whose last column are the sums of a.
    """
    flat = wide(features).flatten(2)  # (N, C, M)
    gram = flat @ flat.mT
    if not with_means:
        return gram
    sums = flat.sum(2)[..., None]  # (N, C, 1)
    corner = sums.new_full((len(sums), 1, 1), float(flat.shape[2]))
    return torch.cat([torch.cat([gram, sums], 2), torch.cat([sums.mT, corner], 2)], 1)


def gram_matrix(features: Tensor) -> Tensor:
    """The notes' G: (N, C, H, W) to (N, C, C).

    >>> gram_matrix(torch.ones(1, 2, 3, 3))
    tensor([[[9., 9.],
             [9., 9.]]])
    """
    return outer_sum(features)


def statistics(features: Features, how: Convention) -> dict[str, Tensor]:
    """The statistic of each layer, of images or of a style."""
    return {layer: how.statistic(maps) for layer, maps in features.items()}


def style_loss(
    found: Features, wanted: Features, how: Convention, weights: Mapping[str, float] | None = None
) -> Tensor:
    """J_style, a scalar.

    Args:
        found: features (N, C, H, W) of the images, by layer; those not in ``wanted`` do not count.
        wanted: ``statistics`` of the style.
        weights: lambda of each layer; equal by default.
    """
    share = how.layer_weights(tuple(wanted)) if weights is None else weights
    terms = [
        share[layer] * how.style(how.statistic(found[layer]), one) for layer, one in wanted.items()
    ]
    return torch.stack(terms).sum()


def content_loss(found: Features, wanted: Features, how: Convention) -> Tensor:
    """J_content, a scalar: the mean over the layers of ``wanted``, features of the content."""
    return torch.stack([how.content(found[layer], one) for layer, one in wanted.items()]).mean()


def total_variation(images: Tensor) -> Tensor:
    """How rough images (N, C, H, W) are, a scalar: mean squared differences of neighbours.

    Those of the same row and those of the same column; a side of 1 has no neighbours.

    >>> total_variation(torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]]))
    tensor(1.)
    """
    images = wide(images)
    steps = [images.diff(dim=axis) for axis in (2, 3)]
    return torch.stack(
        [step.square().mean() if step.numel() else step.sum() for step in steps]
    ).sum()


def out_of_range(images: Tensor) -> Tensor:
    """How far values (N, C, H, W) are outside of [0, 1], a scalar: the mean of the squares."""
    return (images - images.clamp(0, 1)).square().mean()
