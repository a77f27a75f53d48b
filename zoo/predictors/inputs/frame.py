"""A frame of a video, as a predictor is given it.

Proof: tests/predictors/inputs/test_video_frames.py.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from zoo.errors import ZooError

AHEAD = 8  # frames of a file that are run together


class Frame(NamedTuple):
    """A frame of a video.

    Attributes:
        number: from 0.
        seconds: since the video's beginning; None where the file has no times.
        image: a Pillow image, upright; of a folder the path of the file.
        live: whether it comes from a camera, which goes on until someone stops it.
    """

    number: int
    seconds: float | None
    image: Any
    live: bool = False


def together(frames: Iterable[Frame]) -> Iterator[list[Frame]]:
    """Frames in batches: of a camera each at once, of a file some together.

    Raises:
        ZooError: that of ``frames``, after all frames before it.
    """
    some: list[Frame] = []
    stop: ZooError | None = None
    try:
        for frame in frames:
            some.append(frame)
            if frame.live or len(some) == AHEAD:
                yield some
                some = []
    except ZooError as error:
        stop = error
    if some:
        yield some
    if stop is not None:
        raise stop
