"""Faces in a picture: ``zoo.load("mtcnn")`` beside facenet-pytorch's MTCNN with the same weights.

One picture at a time, from pixels to boxes, points and probabilities; as it is, and enlarged so
that its longer side has 1,280 pixels. Both must find the same before anything is timed.
Proof: tests/bench/test_faces.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo.data.root import data_folder
from zoo.engine.timing import Times, Work, interleaved
from zoo.errors import BadFile, Missing
from zoo.loading import load

ROUNDS = 9
HEAD = ("what", "pixels", "faces", "ms", "CPU ms", "times as fast", "by CPU")
WEIGHTS, OURS, PEER = "mtcnn.wider_face", "zoo", "facenet-pytorch"
LONGER = 1280  # pixels of the enlarged picture
SAME = 1e-2  # pixels: largest difference of a box that lies inside the picture


@dataclass(frozen=True)
class Row:
    """One side on one picture: medians; how many times as fast as the peer, over the rounds."""

    what: str
    pixels: str
    faces: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    speed: float | None = None
    cpu_speed: float | None = None
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        if self.note:
            return (self.what, self.pixels, self.note, "", "", "", "")
        speeds = ["-" if x is None else f"{x:.2f}" for x in (self.speed, self.cpu_speed)]
        times = [f"{1e3 * t:.1f}" for t in (self.seconds, self.cpu)]
        return (self.what, self.pixels, str(self.faces), *times, *speeds)


def run(rounds: int, *, picture: str = "") -> Iterator[Row]:
    """Measure both sides.

    Args:
        picture: a file, instead of the astronaut of scikit-image's pictures.

    Raises:
        Missing: if there is no picture.
        BadFile: if the sides do not find the same.
    """
    path = Path(picture) if picture else data_folder() / "photos" / "content" / "astronaut.jpg"
    if not path.is_file():
        raise Missing(f"there is no {path}; name a picture of faces: picture=FILE")
    ours = load(WEIGHTS, device="cpu")
    first = Image.open(path).convert("RGB")
    scale = LONGER / max(first.size)
    large = first.resize((round(first.width * scale), round(first.height * scale)))
    for image in (first, large):
        yield from _measured(ours, image, rounds)


def _measured(ours: Any, image: Image.Image, rounds: int) -> Iterator[Row]:
    pixels = f"{image.width} x {image.height}"
    answer = ours(image)
    sides: dict[str, Callable[[], Work]] = {OURS: lambda: partial(ours, image)}
    try:
        peer = import_module("facenet_pytorch").MTCNN(keep_all=True, select_largest=False)
    except ImportError:
        yield Row(PEER, pixels, note="not installed; pip install --no-deps facenet-pytorch")
    else:
        _check_same(answer, peer.detect(image)[0])
        sides[PEER] = lambda: partial(peer.detect, image, landmarks=True)
    times = interleaved(sides, rounds)
    for name, one in times.items():
        yield _row(name, pixels, len(answer), one, times.get(PEER))


def _row(name: str, pixels: str, faces: int, one: Times, peer: Times | None) -> Row:
    speeds = (None, None) if peer is None else (peer.ratio(one), peer.cpu_ratio(one))
    return Row(name, pixels, faces, one.median, one.cpu_median, *speeds)


def _check_same(answer: Any, boxes: Any) -> None:
    theirs = np.zeros((0, 4)) if boxes is None else np.array(boxes, dtype=float)
    theirs = theirs.clip(0, [answer.width, answer.height] * 2)
    if len(theirs) != len(answer):
        raise BadFile(f"{OURS} finds {len(answer)} faces, {PEER} {len(theirs)}")
    if len(theirs) and np.abs(theirs - answer.boxes.numpy()).max() > SAME:
        raise BadFile(f"{OURS} and {PEER} find different boxes; nothing to compare")
