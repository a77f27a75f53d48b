"""The options of ``zoo.stylize`` and ``zoo stylize``, without torch."""

from dataclasses import dataclass
from typing import Literal

from zoo.options import option

FEATURES = "vgg_perceptual"


@dataclass(frozen=True)
class StyleOptions:
    """What a picture is made with."""

    size: int = option(256, "pixels of the longer side of the picture")
    steps: int = option(160, "evaluations of the loss, over all levels")
    levels: int | None = option(
        None, "sizes from coarse to fine, each half of the next; default 1 of gatys, else 2"
    )
    optimizer: Literal["lbfgs", "adam"] = option("lbfgs", "what changes the picture")
    learning_rate: float | None = option(None, "of the optimizer; default 1 of lbfgs, 0.02 of adam")
    start: Literal["content", "noise", "style"] = option("content", "the picture before step 1")
    pooling: Literal["average", "max"] = option("average", "of the network")
    convention: Literal["gatys", "johnson", "gordic", "moments"] | None = option(
        None, "whose losses and weights; default moments of vgg_perceptual, gatys of vgg19"
    )
    content_weight: float | None = option(None, "alpha; default that of the convention")
    style_weight: float | None = option(None, "beta; default that of the convention")
    style_weights: tuple[float, ...] = option((), "shares of several styles", metavar="A,B")
    content_layers: tuple[str, ...] = option((), "of the network", metavar="A,B")
    style_layers: tuple[str, ...] = option((), "of the network", metavar="A,B")
    variation_weight: float | None = option(
        None, "of the total variation; default 10 of moments, else 0"
    )
    style_scale: float = option(1.0, "longer side of the styles, over that of the picture")
    keep_colour: Literal["no", "luminance", "histogram"] = option(
        "no",
        "keep the colours of the content: change its luminance only, or give them to the style",
    )
    tile: int | None = option(
        None, "pixels of a tile, 0 for none; default: tiles where memory does not suffice"
    )
    seed: int = option(0, "of the noise to start from")
