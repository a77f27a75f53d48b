"""Changes of images with boxes by the names that a command line takes.

Proof: tests/recipes/common/test_box_changes.py.
"""

from collections.abc import Callable

from zoo.data.image.augment_colour import colour
from zoo.data.image.boxes.augment import BoxAugment, chain, flip_boxes, of_pixels, scale_jitter
from zoo.data.image.boxes.augment import zoom_and_shift as zoom
from zoo.data.image.boxes.mosaic import mosaic


def light() -> BoxAugment:
    """Brightness, contrast and saturation up to 30 % either way."""
    return of_pixels(colour(0.3, 0.3, 0.3))


def usual() -> BoxAugment:
    """Left and right, a little larger or smaller, moved, in other light."""
    return chain(flip_boxes(), zoom(), light())


NAMED: dict[str, Callable[[], BoxAugment]] = {
    "none": chain,
    "flip": flip_boxes,
    "flips": lambda: chain(flip_boxes(), flip_boxes(vertical=True)),
    "zoom": zoom,
    "jitter": scale_jitter,
    "colour": light,
    "usual": usual,
    "usual_flips": lambda: chain(flip_boxes(vertical=True), usual()),
    "mosaic": lambda: chain(mosaic(0.5), usual()),
    "darknet": lambda: chain(scale_jitter(), of_pixels(colour(0.5, 0, 0.5, 0.1)), flip_boxes()),
}
