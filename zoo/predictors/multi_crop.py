"""A network averaged over crops of an image, the same for ``zoo predict`` and ``zoo evaluate``.

Crops are cut before the frame of a front end, and each is framed by itself; where ink is turned
light, that is done on the image as a whole. ``zoo predict`` cuts them from the image as it was
given, ``zoo evaluate`` from images of the network's size already, since a data set in memory holds
no others: on such an image both give the same numbers.
Proof: tests/predictors/test_multi_crop.py.
"""

import torch
from torch import Tensor, nn

from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.resize import frame
from zoo.errors import BadInput
from zoo.practice.crops import COUNTS, crops, mean_log_p


class MultiCrop(nn.Module):
    """Normalised images (N, C, H, W) to log-probabilities (N, K); it replaces the network.

    The logarithm of the mean over the crops of the probabilities (softmax), not of the logits.
    """

    def __init__(self, model: nn.Module, front_end: ImageFrontEnd, count: int) -> None:
        super().__init__()
        check(front_end, count)
        self.model, self.front_end, self.count = model, front_end, count

    def forward(self, images: Tensor) -> Tensor:
        pixels = self.front_end.restored(images)
        cut = views(unframed(pixels, self.front_end.pad), self.front_end, self.count)
        log_p = [  # a crop at a time, to save memory
            self.model(self.front_end.normalise(view)).log_softmax(1) for view in cut.unbind(1)
        ]
        return mean_log_p(torch.stack(log_p, 1))


def check(front_end: ImageFrontEnd, count: int) -> None:
    """Raise BadInput for another number of crops, or images that are not square."""
    if count not in COUNTS:
        raise BadInput(f"crops are 1, 10 or 144, got {count}")
    if front_end.size[0] != front_end.size[1]:
        height, width = front_end.size
        raise BadInput(f"crops are square, but this network takes images of {height} x {width}")


def views(pixels: Tensor, front_end: ImageFrontEnd, count: int) -> Tensor:
    """(..., C, H, W) uint8 without a frame to framed crops (..., count, C, H', W')."""
    return frame(crops(pixels, front_end.size[0], count), front_end.pad)


def unframed(pixels: Tensor, pad: int) -> Tensor:
    """(..., H, W) without ``pad`` pixels on each side."""
    return pixels[..., pad:-pad, pad:-pad] if pad else pixels
