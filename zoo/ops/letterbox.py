"""Letterbox: an image of any shape in a rectangle, its aspect ratio kept, grey bars beside it.

As Darknet's ``letterbox_image``: whole pixels for the new size and the offset, bilinear with the
corners aligned, grey 0.5. Deviations: Darknet's last row comes out black at some heights, by
rounding; here it never does. An image so thin that no pixel would be left keeps one.
Proof: tests/ops/test_letterbox.py, against Darknet's loops by hand.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from zoo.ops.boxes.formats import clipped

GREY = 0.5


class Placement(NamedTuple):
    """Where an image lies in a network's input, in pixels of the input.

    Attributes:
        left, top: of the image's first pixel.
        width, height: of the image in the input.
        image_width, image_height: of the image itself.
    """

    left: int
    top: int
    width: int
    height: int
    image_width: int
    image_height: int

    def to_input(self, boxes: Tensor) -> Tensor:
        """Boxes (n, 4) in pixels of the image to pixels of the input."""
        return boxes * self._scale(boxes) + self._offset(boxes)

    def to_image(self, boxes: Tensor) -> Tensor:
        """Boxes (n, 4) in pixels of the input to pixels of the image, clipped to it."""
        moved = (boxes - self._offset(boxes)) / self._scale(boxes)
        return clipped(moved, self.image_height, self.image_width)

    def points_to_image(self, points: Tensor) -> Tensor:
        """Points (n, p, 2) in pixels of the input to pixels of the image, or beside it."""
        offset = points.new_tensor([self.left, self.top])
        scale = (self.width / self.image_width, self.height / self.image_height)
        return (points - offset) / points.new_tensor(scale)

    def _scale(self, like: Tensor) -> Tensor:
        scale = (self.width / self.image_width, self.height / self.image_height)
        return like.new_tensor(scale * 2)

    def _offset(self, like: Tensor) -> Tensor:
        return like.new_tensor([self.left, self.top] * 2)


def own_place(height: int, width: int) -> Placement:
    """Where an image lies that is not resized: it is the input."""
    return Placement(0, 0, width, height, width, height)


def placement(image_size: tuple[int, int], size: tuple[int, int]) -> Placement:
    """Where Darknet puts an image.

    Args:
        image_size, size: height and width of the image, and of the input.

    >>> placement((480, 640), (416, 416))
    Placement(left=0, top=52, width=416, height=312, image_width=640, image_height=480)
    """
    (rows, columns), (height, width) = image_size, size
    if width / columns < height / rows:
        new = (rows * width // columns, width)
    else:
        new = (height, columns * height // rows)
    new_height, new_width = max(new[0], 1), max(new[1], 1)  # of 1 x 5,000 pixels one line is left
    left, top = (width - new_width) // 2, (height - new_height) // 2
    return Placement(left, top, new_width, new_height, columns, rows)


def letterbox(image: Tensor, size: tuple[int, int]) -> tuple[Tensor, Placement]:
    """An image (C, H', W') float in [0, 1] as Darknet's network sees it.

    Args:
        size: height and width of the input.

    Returns:
        the input (C, H, W) float, and where the image lies in it.
    """
    place = placement((image.shape[1], image.shape[2]), size)
    new = (place.height, place.width)
    shrunk = interpolate(image[None], size=new, mode="bilinear", align_corners=True)[0]
    return embedded(shrunk, place, size, GREY), place


def embedded(image: Tensor, place: Placement, size: tuple[int, int], grey: float) -> Tensor:
    """An image (C, h, w) that has been resized already, in a ground of ``grey``: (C, H, W)."""
    ground = torch.full((image.shape[0], *size), grey, dtype=image.dtype)
    rows = slice(place.top, place.top + place.height)
    ground[:, rows, place.left : place.left + place.width] = image
    return ground


def scaled_to_sides(image: Tensor, shorter: int, longer: int) -> tuple[Tensor, Placement]:
    """An image (C, H', W') float at the size that torchvision's detectors see, nothing around it.

    Args:
        shorter: what the shorter side becomes, unless the longer one were above ``longer`` then.

    Returns:
        (C, H, W), and where the image lies in it. Of 1 x 5,000 pixels one line is left.
    """
    rows, columns = image.shape[1:]
    scale = min(shorter / min(rows, columns), longer / max(rows, columns))
    size = (max(int(rows * scale), 1), max(int(columns * scale), 1))
    scaled = interpolate(image[None], size=size, mode="bilinear", align_corners=False)[0]
    return scaled, Placement(0, 0, size[1], size[0], columns, rows)
