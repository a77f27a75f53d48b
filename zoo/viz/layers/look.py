"""One look at a network with an image: the methods of this folder, each giving its pictures.

Proof: tests/viz/layers/test_look.py.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zoo.viz.layers.deconvnet import unit_pictures
from zoo.viz.layers.grad_cam import as_large_as, last_cam
from zoo.viz.layers.gradients import guided, integrated
from zoo.viz.layers.occlusion import occlusion, window_of
from zoo.viz.layers.parts import SeenFilters, SeenLayer, SeenUnit
from zoo.viz.layers.places import Layer, Layers
from zoo.viz.layers.still import still
from zoo.viz.layers.units import (
    Units,
    strongest_filters,
    strongest_images,
    strongest_places,
)
from zoo.viz.layers.walk import Run, map_at

FILTERS = 9  # of a layer of which one unit each is shown
FILTERS_OF_PATCHES = 6  # of which nine patches each are shown
KERNELS = 96  # of the first layer
COLOURS = (1, 3)

Pixels = Callable[[Tensor], Tensor]  # inputs (N, C, H, W) to pictures of them, uint8
Batches = Callable[[], Iterable[Tensor]]  # the images of a set as inputs (n, C, H, W)
Read = Callable[[Sequence[int]], Tensor]  # some of them by number


@dataclass(frozen=True, eq=False)
class Look:
    """A network, what it is asked, and the image.

    Attributes:
        run: images (N, C, H, W) to scores (N, K).
        image: (1, C, H, W), the network's input.
        target: the number of the score that is explained.
        pixels: inputs to what they look like.
    """

    model: nn.Module
    run: Run
    image: Tensor
    target: int
    layers: Layers
    pixels: Pixels

    @property
    def size(self) -> tuple[int, int]:
        """H and W."""
        return self.image.shape[2], self.image.shape[3]

    def grad_cam(self, layer: Layer | None) -> tuple[Tensor, str]:
        """Grad-CAM (H, W) at a layer, by default the last one; and its caption."""
        chosen = self.layers.last() if layer is None else [layer]
        found = last_cam(self.model, self.run, chosen, self.image, self.target)
        if found is None:
            return torch.zeros(self.size), f"Grad-CAM: nothing at {chosen[0].name} bears on it"
        height, width = found[0].shape[1:]
        caption = f"Grad-CAM at {found[0].name} ({height} x {width})"
        return as_large_as(found[1], *self.size), caption

    def occlusion(self, window: int | None, step: int | None) -> tuple[Tensor, str]:
        """The loss of the score (H, W) where a window covers the image."""
        side = window or window_of(*self.size)[0]
        map = occlusion(self.model, self.run, self.image, self.target, window, step)
        return map, f"occlusion by {side} x {side}: loses up to {float(map.max()):.2g}"

    def integrated(self) -> tuple[Tensor, str]:
        """Integrated gradients (C, H, W), with the check of completeness in the caption."""
        found = integrated(self.model, self.run, self.image, self.target)
        sums = f"sum {found.sum:.4g} of {found.difference:.4g}"
        return found.map, f"integrated gradients: {sums}, {found.steps} steps"

    def guided(self) -> tuple[Tensor, str]:
        """Guided backpropagation (C, H, W)."""
        map = guided(self.model, self.run, self.image, self.target)
        return map, "guided backpropagation"

    def units(self, layer: Layer, most: int = FILTERS) -> SeenLayer:
        """The filters that answer most strongly, each with its strongest unit."""
        filters = self.strongest(layer, most)
        found = strongest_places(self.model, self.run, layer, self.image, filters, 1)
        return self._seen(layer, found, self._alone)

    def patches(
        self, layers: Sequence[Layer], filters: int, batches: Batches | None, read: Read | None
    ) -> list[SeenLayer]:
        """Some filters of each layer, with their nine strongest units.

        Args:
            batches, read: the images of a set; None: within the image.
        """
        chosen = [self.strongest(layer, filters) for layer in layers]
        if batches is None or read is None:
            units = [
                strongest_places(self.model, self.run, layer, self.image, some)
                for layer, some in zip(layers, chosen, strict=True)
            ]
            return [self._seen(*pair, self._alone) for pair in zip(layers, units, strict=True)]
        units = strongest_images(self.model, self.run, layers, chosen, batches())
        return [self._seen(*pair, read) for pair in zip(layers, units, strict=True)]

    def _alone(self, numbers: Sequence[int]) -> Tensor:
        return self.image.expand(len(numbers), -1, -1, -1)

    def strongest(self, layer: Layer, most: int) -> Tensor:
        """The filters that the image makes answer most strongly."""
        return strongest_filters(self.model, self.run, layer, self.image, most)

    def _seen(self, layer: Layer, found: Units, read: Read) -> SeenLayer:
        rows = [self._filter(layer, found, i, read) for i in range(len(found.filters))]
        numbers = tuple(found.filters.tolist())
        return SeenLayer(
            layer.name, layer.kind, layer.shape, layer.field.size, numbers, tuple(rows)
        )

    def _filter(self, layer: Layer, found: Units, i: int, read: Read) -> tuple[SeenUnit, ...]:
        """The units of one filter; a picture for each that there is."""
        there = found.values[i].isfinite()
        if not there.any():
            return ()
        values, rows, columns = (part[i][there] for part in found[1:2] + found[3:])
        images = read(found.images[i][there].tolist())
        at = torch.stack([found.filters[i].expand_as(rows), rows, columns], 1)
        pictures = unit_pictures(self.model, self.run, layer, images, at)
        seen = []
        for n, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            height, width = images.shape[2:]
            top, left, bottom, right = layer.field.box(row, column, height, width)
            patch = self.pixels(images[n : n + 1])[0, :, top:bottom, left:right]
            picture = pictures[n, :, top:bottom, left:right]
            seen.append(SeenUnit(float(values[n]), (row, column), patch.cpu(), picture.cpu()))
        return tuple(seen)

    @torch.no_grad()
    def filters(self, layer: Layer) -> SeenFilters:
        """The kernels of a convolution that sees colours; of another one its maps of the image."""
        kernels = layer.kernels
        if kernels is not None and kernels.shape[1] in COLOURS and math.prod(kernels.shape[2:]) > 1:
            return SeenFilters(layer.name, kernels[:KERNELS].cpu(), None)
        with still(self.model):
            maps = map_at(self.run, self.image, layer.call)[0]
        best = maps.amax((1, 2)).topk(min(KERNELS, len(maps))).indices.sort().values
        return SeenFilters(layer.name, None, maps[best].cpu())
