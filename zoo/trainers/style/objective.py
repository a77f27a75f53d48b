"""What the loss of a picture consists of, and its gradient: of the whole, or tile by tile.

    J(G) = alpha J_content(G) + beta sum_k share_k J_style(S_k, G) + penalties

with the terms of zoo/losses/style.py; the penalties are total variation and values out of [0, 1].
In the convention ``moments`` the content loss of a layer is divided by the variance of the
content's features, and the style loss of a layer by that of the content picture: every layer then
begins at about 1, whatever the network.

A Gram matrix is a sum over positions, so tiles are exact: the features of all tiles are made once
for the sums; then the gradient of the loss with respect to the sums is known, and each tile's
features are made again for its part of the gradient.
Proof: tests/trainers/style/test_objective.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.errors import BadInput
from zoo.losses.style import convention, out_of_range, outer_sum, total_variation, wide
from zoo.nn.features import FeatureNetwork, Pooling
from zoo.nn.reach import Reach, reaches
from zoo.trainers.style.tiles import Tile, tiles

LEAST = 1e-12  # of what is divided by: a picture of one colour has no variance
PROBE = 64  # pixels of a side of the picture that shows what the layers see
Features = dict[str, Tensor]


@dataclass(frozen=True)
class Terms:
    """The terms and their weights.

    Attributes:
        convention: gatys, johnson, gordic or moments.
        content_weight, style_weight: alpha and beta; 0 leaves a term out.
        variation_weight: of the total variation.
        range_weight: of values outside of [0, 1].
    """

    convention: str
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_weight: float
    style_weight: float
    variation_weight: float = 0.0
    range_weight: float = 0.0
    pooling: Pooling = "average"

    @property
    def content(self) -> tuple[str, ...]:
        """The layers whose content counts."""
        return self.content_layers if self.content_weight else ()

    @property
    def style(self) -> tuple[str, ...]:
        """The layers whose style counts."""
        return self.style_layers if self.style_weight else ()

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers that count."""
        return tuple(dict.fromkeys((*self.content, *self.style)))


class Objective:
    """The loss of pictures of one size.

    Args:
        content: (1, 3, H, W) in [0, 1].
        styles: (1, 3, h, w) each, of any size.
        shares: of each style.
        side: of a tile, in pixels; None: the picture is taken as a whole. The loss and its
            gradient are the same; tiles need less memory and more time.

    Raises:
        BadInput: for terms that leave nothing to do, or layers that the network does not have.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        terms: Terms,
        content: Tensor,
        styles: Sequence[Tensor] = (),
        shares: Sequence[float] = (),
        side: int | None = None,
    ) -> None:
        if not terms.layers:
            raise BadInput("content_weight and style_weight are 0: nothing is left to do")
        self.network, self.terms, self.how = network, terms, convention(terms.convention)
        self.relative = terms.convention == "moments"
        self.reach = reach_of(network, terms, content.device, content.dtype)
        self.side, self.shares = side, tuple(shares)
        self.tiles = self._tiles(content)
        self.wanted = [self._statistics(style) for style in styles] if terms.style else []
        self.content = self._gathered(content, terms.content)
        self.content_scale, self.style_scale = dict[str, float](), dict[str, float]()
        if self.relative:
            self.content_scale = {name: _spread(maps) for name, maps in self.content.items()}
            start = self._style_of_layers(self._statistics(content)) if terms.style else {}
            self.style_scale = {name: max(float(one), LEAST) for name, one in start.items()}

    def __call__(self, picture: Tensor) -> Features:
        """The parts of the loss, weighted scalars: loss, and of it content, style, smoothness.

        The gradient is added to ``picture.grad``.

        Args:
            picture: (1, 3, H, W), a leaf that requires a gradient.
        """
        parts = self._whole(picture) if len(self.tiles) == 1 else self._in_tiles(picture)
        terms = self.terms
        rough = terms.variation_weight * total_variation(picture)
        rough = rough + terms.range_weight * out_of_range(picture)
        rough.backward()
        parts["smoothness"] = rough.detach()
        return {"loss": torch.stack(list(parts.values())).sum(), **parts}

    # ---- the whole picture ----------------------------------------------------------------------

    def _whole(self, picture: Tensor) -> Features:
        found = self._extract(picture)
        parts = {}
        if self.terms.content:
            parts["content"] = self._content(found, self.content, picture)
        if self.terms.style:
            statistics = {name: self.how.statistic(found[name]) for name in self.terms.style}
            parts["style"] = self._style(statistics)
        torch.stack(list(parts.values())).sum().backward()
        return {name: part.detach() for name, part in parts.items()}

    def _extract(self, images: Tensor) -> Features:
        return self.network.extract(images, self.terms.layers, pooling=self.terms.pooling)

    def _content(self, found: Features, wanted: Features, picture: Tensor) -> Tensor:
        """The content loss of features, those of the whole picture or of a tile."""
        losses = []
        for name, maps in wanted.items():
            count = maps.shape[1] * self._positions(name, picture)
            squares = wide(found[name] - maps).square().sum()
            losses.append(
                self.how.content_factor(count) / self.content_scale.get(name, 1.0) * squares
            )
        return self.terms.content_weight * torch.stack(losses).mean()

    def _style(self, statistics: Features) -> Tensor:
        weights = self.how.layer_weights(self.terms.style)
        layers = self._style_of_layers(statistics).items()
        losses = [weights[name] / self.style_scale.get(name, 1.0) * one for name, one in layers]
        return self.terms.style_weight * torch.stack(losses).sum()

    def _style_of_layers(self, statistics: Features) -> Features:
        """The style loss of each layer, over all styles."""
        return {
            name: torch.stack(
                [
                    share * self.how.style(found, wanted[name])
                    for share, wanted in zip(self.shares, self.wanted, strict=True)
                ]
            ).sum()
            for name, found in statistics.items()
        }

    # ---- tile by tile ---------------------------------------------------------------------------

    def _in_tiles(self, picture: Tensor) -> Features:
        parts = {}
        image, gradient = picture.detach(), torch.zeros_like(picture)
        slopes: Features = {}
        if self.terms.style:
            statistics = {k: one.requires_grad_() for k, one in self._statistics(image).items()}
            parts["style"] = self._style(statistics)
            found = torch.autograd.grad(parts["style"], list(statistics.values()))
            slopes = dict(zip(statistics, found, strict=True))
        content = []
        for tile in self.tiles:
            patch = tile.outer(image).clone(memory_format=torch.contiguous_format)
            inside = self._inside(tile, self._extract(patch.requires_grad_()))
            terms = [self._tilted(inside[name], slopes[name], image, name) for name in slopes]
            if self.terms.content:
                places = {
                    k: tile.place(one, self.reach[k].stride) for k, one in self.content.items()
                }
                terms.append(self._content(inside, places, image))
                content.append(terms[-1].detach())
            [slope] = torch.autograd.grad(torch.stack(terms).sum(), [patch])
            tile.outer(gradient).add_(slope)
        picture.grad = gradient if picture.grad is None else picture.grad + gradient
        if content:
            parts["content"] = torch.stack(content).sum()
        return {name: part.detach() for name, part in parts.items()}

    def _tilted(self, maps: Tensor, slope: Tensor, image: Tensor, name: str) -> Tensor:
        """What has the gradient of the style loss of a layer, with respect to a tile's features."""
        outer = outer_sum(maps, self.how.with_means)
        return (slope * outer).sum() / self._positions(name, image)

    @torch.no_grad()
    def _statistics(self, image: Tensor) -> Features:
        """The statistics of the layers of style, of a picture of any size."""
        sums: Features = {}
        for _, maps in self._features(image):
            for name in self.terms.style:
                outer = outer_sum(maps[name], self.how.with_means)
                sums[name] = sums[name] + outer if name in sums else outer
        return {name: one / self._positions(name, image) for name, one in sums.items()}

    @torch.no_grad()
    def _gathered(self, image: Tensor, layers: Sequence[str]) -> Features:
        """The features of a picture at some layers, from all tiles."""
        whole: Features = {}
        for tile, maps in self._features(image) if layers else ():
            for name in layers:
                part = maps[name]
                if name not in whole:
                    size = self._size(name, image)
                    whole[name] = part.new_empty(*part.shape[:2], *size)
                tile.place(whole[name], self.reach[name].stride).copy_(part)
        return whole

    def _features(self, image: Tensor) -> Iterator[tuple[Tile, Features]]:
        for tile in self._tiles(image):
            yield tile, self._inside(tile, self._extract(tile.outer(image)))

    def _inside(self, tile: Tile, found: Mapping[str, Tensor]) -> Features:
        return {name: tile.inner(maps, self.reach[name].stride) for name, maps in found.items()}

    # ---- sizes ----------------------------------------------------------------------------------

    def _tiles(self, image: Tensor) -> tuple[Tile, ...]:
        return tiles(image.shape[2], image.shape[3], self.side, self.reach)

    def _size(self, name: str, image: Tensor) -> tuple[int, int]:
        """Height and width of a layer's features of a picture."""
        stride = self.reach[name].stride
        return image.shape[2] // stride, image.shape[3] // stride

    def _positions(self, name: str, image: Tensor) -> int:
        height, width = self._size(name, image)
        return height * width


def reach_of(
    network: FeatureNetwork,
    terms: Terms,
    device: torch.device,
    dtype: torch.dtype = torch.float32,
) -> dict[str, Reach]:
    """What the layers that count see.

    Raises:
        BadInput: for a network whose maps lose rows at the border, as AlexNet's.
    """
    made: Features = {}

    def run(x: Tensor) -> Features:
        made.update(network.extract(x, terms.layers, pooling=terms.pooling))
        return made

    reach = reaches(run, torch.zeros(1, 3, PROBE, PROBE, device=device, dtype=dtype))
    for name, one in reach.items():
        if made[name].shape[2] != PROBE // one.stride:
            raise BadInput(
                f"the features {name} of this network have no place at the border of the picture; "
                "expected convolutions with padding"
            )
    return reach


def _spread(maps: Tensor) -> float:
    """The variance over positions, the mean over channels."""
    return max(float(wide(maps).var((2, 3), correction=0).mean()), LEAST)
