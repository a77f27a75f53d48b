"""A classifier at every position of a large image at once: sliding windows by convolution.

Paper: Sermanet et al. 2013, "OverFeat", arXiv:1312.6229, sec. 3.5. Notes: course 4, week 3,
"Convolutional implementation of sliding windows". A fully connected layer that sees maps of 5 x 5
is a convolution with a kernel of 5 x 5 whose map is 1 x 1; of a larger image it gives a larger map,
a pixel for each position of the window, and neighbouring windows share what they have in common.

- ``mlp``: its first layer becomes a convolution as large as the window, stride 1; exact.
- ``lenet5``: C5, F6 and the output. Nothing is padded, so that every pixel of the map is what the
  network says of that crop, at stride 4: ``exact``.
- ``alexnet``, ``vgg*``, ``resnet*`` and the like: pooling of all maps becomes pooling over a window
  of the last ones. These networks pad with zeros, which a crop sees at its edges and a window
  inside of an image does not: it sees its neighbours there. So no position equals its crop, and
  ``exact`` is False; only an image of the window's own size gives the same. Measured on 36 images
  of Fashion-MNIST side by side, at stride 4: ``vgg_small``, ``googlenet_small`` and ``resnet20`` of
  this zoo give 54 to 60 % of the windows the label that they give the crop. ``deviation`` measures
  how far apart the logits are. ``by_crops`` answers exactly, and more slowly.

Refused: what works on flattened maps and is no linear layer, batch norm or function of each value
(``lenet5_1998`` with its distances to codes); pooling to a size between 1 and that of the maps.
Proof: tests/practice/test_sliding_window.py, against crops. Speed: ``zoo bench sliding_window``.
"""

import copy
import math

import torch
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp

from zoo.errors import BadInput
from zoo.practice.flat_layers import Maps, traced, turn

MUCH = 10_080  # pixels: a multiple of every stride up to 10, of 12, 16 and 32
EXACT = 1e-4  # largest difference from the crops, relative to the largest logit


class SlidingWindow(nn.Module):
    """Images (N, C, H, W) of the window's size or more to a map of logits (N, K, R, S).

    Pixel r, s of the map is about the window whose upper left corner is ``stride`` times r, s.

    Attributes:
        window: height and width of the classifier's images.
        stride: from one window to the next, down and to the right, in pixels.
        exact: whether each position is what the classifier says of that crop, to 1e-4.
    """

    def __init__(
        self, network: nn.Module, window: tuple[int, int], stride: tuple[int, int]
    ) -> None:
        super().__init__()
        self.network, self.window, self.stride = network, window, stride
        self.exact = False

    def forward(self, images: Tensor) -> Tensor:
        rows, columns = self.positions(images.shape[2], images.shape[3])
        logits: Tensor = self.network(images)
        return logits[:, :, :rows, :columns]  # padding may add a window that leaves the image

    def positions(self, height: int, width: int) -> tuple[int, int]:
        """R and S for images of a size.

        Raises:
            BadInput: for images smaller than the window.
        """
        left = height - self.window[0], width - self.window[1]
        if min(left) < 0:
            got, need = f"{height} x {width}", f"{self.window[0]} x {self.window[1]}"
            raise BadInput(f"an image of {got} pixels is smaller than the window of {need}")
        return left[0] // self.stride[0] + 1, left[1] // self.stride[1] + 1

    def boxes(self, height: int, width: int) -> Tensor:
        """The windows of an image, (R S, 4) x1 y1 x2 y2, row by row."""
        rows, columns = self.positions(height, width)
        y, x = torch.meshgrid(
            torch.arange(rows) * self.stride[0], torch.arange(columns) * self.stride[1],
            indexing="ij",
        )  # fmt: skip
        y, x = y.flatten(), x.flatten()
        return torch.stack([x, y, x + self.window[1], y + self.window[0]], 1).float()


def convolutional(model: nn.Module, window: int | tuple[int, int]) -> SlidingWindow:
    """A classifier whose fully connected layers are convolutions; the weights are copied.

    Args:
        model: images (N, C, h, w) to logits (N, K), of any of the zoo's classifiers or your own.
        window: h and w, the size of its images; one number for squares.

    >>> from zoo.models.lenet import LeNet5
    >>> sliding = convolutional(LeNet5(), 32)
    >>> sliding(torch.zeros(1, 1, 60, 100)).shape, sliding.stride, sliding.exact
    (torch.Size([1, 10, 8, 18]), (4, 4), True)

    Raises:
        BadInput: for a network that cannot be turned, with what stands in the way.
    """
    size = (window, window) if isinstance(window, int) else window
    channels = _channels(model, size)
    first = next(model.parameters())
    turned = traced(model)
    example = torch.zeros(1, channels, *size, dtype=first.dtype, device=first.device)
    with torch.no_grad():
        try:
            ShapeProp(turned).propagate(example)
        except (RuntimeError, ValueError, IndexError) as error:
            reason = str(error).splitlines()[0][:120]
            raise BadInput(f"the network does not take images of {size}: {reason}") from error
    flat: dict[fx.Node, Maps] = {}
    for node in list(turned.graph.nodes):
        turn(turned, node, flat)
    turned.graph.lint()
    turned.recompile()
    sliding = SlidingWindow(turned, size, _stride(turned, channels, size)).eval()
    sliding.exact = deviation(sliding, model) < EXACT
    return sliding


@torch.no_grad()
def by_crops(
    model: nn.Module, sliding: SlidingWindow, images: Tensor, batch_size: int = 256
) -> Tensor:
    """The map of logits (N, K, R, S) that the classifier gives to the crops, cut out one by one.

    Args:
        model: the classifier, in evaluation mode.
        sliding: whose windows these are.
        images: (N, C, H, W).
        batch_size: crops in one forward pass, of each image.
    """
    height, width = images.shape[2:]
    boxes = sliding.boxes(height, width).int().tolist()
    parts = []
    for at in range(0, len(boxes), batch_size):
        some = boxes[at : at + batch_size]
        crops = torch.stack([images[:, :, y1:y2, x1:x2] for x1, y1, x2, y2 in some], 1)
        parts.append(model(crops.flatten(0, 1)).unflatten(0, (len(images), len(some))))
    logits = torch.cat(parts, 1)  # (N, R S, K)
    return logits.movedim(2, 1).unflatten(2, sliding.positions(height, width))


@torch.no_grad()
def deviation(sliding: SlidingWindow, model: nn.Module, positions: int = 2, seed: int = 0) -> float:
    """How far the map is from the classifier's answers to the crops, on noise.

    Args:
        positions: of the window in each direction.

    Returns:
        the largest difference of a logit, relative to the largest logit.
    """
    first = next(model.parameters())
    sizes = zip(sliding.window, sliding.stride, strict=True)
    height, width = (side + step * (positions - 1) for side, step in sizes)
    draw = torch.Generator().manual_seed(seed)
    image = torch.randn(1, _channels(model, sliding.window), height, width, generator=draw).to(
        first
    )
    training = model.training
    expected = by_crops(model.eval(), sliding, image)
    model.train(training)
    return float((sliding(image) - expected).abs().max() / expected.abs().max().clamp_min(1e-12))


def _channels(model: nn.Module, window: tuple[int, int]) -> int:
    """C of the images: of the first layer with weights."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            return layer.in_channels
        if isinstance(layer, nn.Linear):
            return max(layer.in_features // math.prod(window), 1)
    raise BadInput(f"a {type(model).__name__} has no convolution and no linear layer to turn")


def _stride(turned: nn.Module, channels: int, window: tuple[int, int]) -> tuple[int, int]:
    """From the number of positions in a much larger image, without computing anything.

    Raises:
        BadInput: if the network gives one answer whatever the size, or its stride is odd.
    """
    network = copy.deepcopy(turned).to("meta")
    shape = (1, channels, window[0] + MUCH, window[1] + MUCH)
    image = torch.zeros(shape, dtype=next(network.parameters()).dtype, device="meta")
    rows, columns = (int(count) - 1 for count in network(image).shape[2:])
    if min(rows, columns) < 1 or MUCH % rows or MUCH % columns:
        raise BadInput(f"{MUCH:,} pixels more give {rows} x {columns} positions more: no stride")
    return MUCH // rows, MUCH // columns
