"""Non-maximum suppression compared with torchvision.ops, by boxes and by boxes of 20 classes.

The boxes are made up, as a detector gives them: about eight of each object, moved by a tenth of its
size; objects anywhere in 1,000 x 1,000 pixels, sides of 20 to 120, scores and classes at random,
threshold 0.5. Before anything is timed the sides must keep the same boxes; of
classes, torchvision's ``batched_nms`` is the peer. The readable side is ``plain_nms``.
Proof: tests/bench/test_nms.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from zoo.engine.seed import generator
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadFile, BadInput
from zoo.ops.boxes.formats import cxcywh_to_xyxy
from zoo.ops.boxes.nms import nms, nms_per_class, plain_nms

ROUNDS = 51
FEW = 5  # rounds of the readable side
HEAD = ("what", "boxes", "kept", "ms", "CPU ms", "times torchvision", "by CPU")
OVERLAP, CLASSES = 0.5, 20
PEER = "torchvision"
Select = Callable[[], Tensor]
MOST = 60.0  # seconds a row: slow machines run fewer rounds


@dataclass(frozen=True)
class Row:
    """One side: median seconds; the ratios are medians over the rounds, above 1: slower."""

    what: str
    boxes: int
    kept: int
    seconds: float
    cpu: float
    ratio: float
    cpu_ratio: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        times = [f"{1e3 * seconds:.2f}" for seconds in (self.seconds, self.cpu)]
        ratios = [f"{ratio:.2f}" for ratio in (self.ratio, self.cpu_ratio)]
        return (self.what, f"{self.boxes:,}", f"{self.kept:,}", *times, *ratios)


def run(rounds: int, *, boxes: tuple[int, ...] = (1000, 10000)) -> Iterator[Row]:
    """Measure all sides.

    Args:
        rounds: how often each side runs.
        boxes: how many there are, with commas.

    Raises:
        BadInput: for a number below 1.
        BadFile: if the sides do not keep the same boxes.
    """
    from torchvision.ops import batched_nms
    from torchvision.ops import nms as kernel

    if min(boxes, default=0) < 1:
        raise BadInput(f"--boxes must be at least 1, got {','.join(map(str, boxes))!r}")
    for number in boxes:
        found, scores, labels = made_up(number)
        plain = partial(kernel, found, scores, OVERLAP)
        yield from _rows(number, rounds, PEER, plain, "nms", partial(nms, found, scores, OVERLAP))
        readable = partial(plain_nms, found, scores, OVERLAP)
        yield [*_rows(number, min(rounds, FEW), PEER, plain, "readable", readable)][1]
        peer = partial(batched_nms, found, scores, labels, OVERLAP)
        ours = partial(nms_per_class, found, scores, labels, OVERLAP)
        yield from _rows(number, rounds, f"{PEER}, by class", peer, "nms, by class", ours)


def made_up(number: int) -> tuple[Tensor, Tensor, Tensor]:
    """Boxes (n, 4), scores (n,), and labels (n,) of 20 classes."""
    draw = generator(0, "bench nms", number)
    objects = torch.randint(0, max(number // 8, 1), (number,), generator=draw)
    centres = 1000 * torch.rand(number, 2, generator=draw)[objects]
    sides = 20 + 100 * torch.rand(number, 2, generator=draw)[objects]
    centres += 0.1 * sides * torch.randn(number, 2, generator=draw)
    sides *= torch.exp(0.1 * torch.randn(number, 2, generator=draw))
    boxes = cxcywh_to_xyxy(torch.cat([centres, sides], 1))
    scores = torch.randperm(number, generator=draw) / number  # no ties: torchvision's order varies
    return boxes, scores, torch.randint(0, CLASSES, (number,), generator=draw)


def _rows(
    number: int, rounds: int, peer: str, theirs: Select, what: str, ours: Select
) -> Iterator[Row]:
    """Two sides at a time: what a third left in the caches would not disturb them alike."""
    first, second = theirs(), ours()
    if not torch.equal(first, second):
        raise BadFile(f"the sides do not keep the same of {number} boxes; nothing to compare")
    sides = {peer: partial(_prepared, theirs), what: partial(_prepared, ours)}
    times = interleaved(sides, rounds, most=MOST)
    for name, one in times.items():
        ratios = one.ratio(times[peer]), one.cpu_ratio(times[peer])
        yield Row(name, number, len(first), one.median, one.cpu_median, *ratios)


def _prepared(side: Work) -> Work:
    return side  # there is nothing to prepare
