"""Faces cut out of a picture, all of one size: by their box, or turned upright by their points.

Proof: tests/data/image/test_faces.py (facenet-pytorch's ``extract_face``; drawn faces).
"""

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from zoo.errors import BadInput
from zoo.ops.similarity import similarity

# Where eyes, nose and corners of the mouth lie in 112 x 112 pixels of an aligned face: the places
# that ArcFace and its successors use (Deng et al. 2019, arXiv:1801.07698, and their program).
PLACES = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)
PLACES_IN = 112
USUAL = 160  # pixels of a side, as FaceNet's networks take them
LARGEST = 4096


def face_by_box(
    picture: Image.Image, box: Sequence[float], size: int = USUAL, margin: float = 0
) -> Image.Image:
    """The face in a box, stretched to a square.

    The box is widened so that ``margin`` pixels of the result, half on each side, lie around it,
    as far as the picture goes, and cut to whole pixels: facenet-pytorch's ``extract_face``.

    Args:
        picture: RGB.
        box: x1 y1 x2 y2 in its pixels; it may reach beyond it.
        size: pixels of a side.
        margin: pixels of the result.

    Raises:
        BadInput: for a size or margin that cannot be.
    """
    _check(size, margin)
    left, top, right, bottom = box
    wider = (margin * (right - left) / (size - margin), margin * (bottom - top) / (size - margin))
    first = [int(max(at - more / 2, 0)) for at, more in zip((left, top), wider, strict=True)]
    last = [
        int(min(at + more / 2, most))
        for at, more, most in zip((right, bottom), wider, picture.size, strict=True)
    ]
    spans = [_one_at_least(*ends) for ends in zip(first, last, picture.size, strict=True)]
    whole = (spans[0][0], spans[1][0], spans[0][1], spans[1][1])
    return picture.crop(whole).resize((size, size), Image.Resampling.BILINEAR)


def face_by_points(
    picture: Image.Image, points: Tensor, size: int = USUAL, margin: float = 0
) -> Image.Image:
    """A face with its eyes, nose and mouth where those of every other aligned face are.

    The picture is turned, scaled and shifted by the similarity transform that lays the five points
    nearest to the usual places (``PLACES``); beside it is black.

    Args:
        picture: RGB.
        points: (5, 2), x y in its pixels: eyes from left to right, nose, corners of the mouth.
        size: pixels of a side.
        margin: by how many pixels of the result, half on each side, more of what is around is seen.

    Raises:
        BadInput: for a size or margin that cannot be, or points of which nothing follows.
    """
    _check(size, margin)
    inner = size - margin
    onto = torch.tensor(PLACES, dtype=torch.float64) * (inner / PLACES_IN) + margin / 2
    back = similarity(onto, points.double())  # from the result's pixels to the picture's
    scale = float(back[:, 0].norm())
    if not scale > 0:
        raise BadInput("a face cannot be aligned: all its points are at the same place")
    shrink = max(int(scale), 1)  # what is larger is averaged first, or it would flicker
    smaller = picture.reduce(shrink) if shrink > 1 else picture
    six = (back / shrink).flatten().tolist()
    return smaller.transform(
        (size, size), Image.Transform.AFFINE, six, resample=Image.Resampling.BILINEAR
    )


def _check(size: int, margin: float) -> None:
    if not 1 <= size <= LARGEST:
        raise BadInput(f"size must be from 1 to {LARGEST} pixels, got {size}")
    if not 0 <= margin < size:
        raise BadInput(f"margin must be at least 0 and below the size {size}, got {margin:g}")


def _one_at_least(first: int, last: int, most: int) -> tuple[int, int]:
    """A span of whole pixels inside ``most``, one at least."""
    first = min(first, most - 1)
    return first, max(last, first + 1)
