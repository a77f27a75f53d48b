"""A classifier without its head: a backbone that gives its feature maps."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.eval_mode import eval_mode
from zoo.nn.strides import strides


class FeatureMaps(nn.Module):
    """The outputs of chosen stages of a ``Classifier``, from the finest to the coarsest.

    Attributes:
        channels: of each chosen output.
        reductions: the stride of each, in pixels of the image (0 for flat features).

    >>> from zoo.registry import build
    >>> backbone = FeatureMaps(build("lenet5"), (1, 32, 32), (0, 1))
    >>> backbone.channels, backbone.reductions
    ((6, 16), (2, 4))
    """

    def __init__(
        self, model: Any, input_shape: tuple[int, ...], indices: tuple[int, ...] | None
    ) -> None:
        super().__init__()
        model.reset_classifier(0)
        self.model = model
        shapes, reductions = self._rehearse(input_shape)
        wanted = range(len(shapes)) if indices is None else indices
        self.indices = tuple(wanted) if isinstance(wanted, Iterable) else ()
        valid = all(isinstance(i, int) and -len(shapes) <= i < len(shapes) for i in self.indices)
        if not self.indices or not valid:
            raise BadInput(
                f"out_indices must be some of the {len(shapes)} stages of this network, "
                f"0 to {len(shapes) - 1}, such as (0,), got {wanted!r}"
            )
        chosen = [shapes[i] for i in self.indices]
        self.channels = tuple(shape[1] for shape in chosen)
        self.reductions = tuple(reductions[i] for i in self.indices)

    @torch.no_grad()
    def _rehearse(self, input_shape: tuple[int, ...]) -> tuple[list[tuple[int, ...]], list[int]]:
        """Shape and stride of each stage."""
        image = next(self.model.parameters(), torch.empty(0)).new_zeros(1, *input_shape)
        made: list[Tensor] = []

        def stages(x: Tensor) -> list[Tensor]:
            made.extend(self.model.forward_stages(x))
            return made

        with eval_mode(self.model):
            reductions = strides(stages, image)
        return [tuple(stage.shape) for stage in made], reductions

    def forward(self, x: Tensor) -> list[Tensor]:
        """Images (N, C, H, W) to the chosen features."""
        stages = self.model.forward_stages(x)
        return [stages[i] for i in self.indices]
