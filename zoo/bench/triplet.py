"""The semi-hard triplet loss compared with pytorch-metric-learning, forward and backward.

Random vectors of 128 numbers in P x K batches with K = 4 images of each identity. Both sides take
the vectors as the network gives them: they are brought to length 1, all squared distances are made,
the semi-hard triplets are chosen, the gradient is computed. The peer is its semi-hard miner with
its loss for squared distances, margin 0.2, the mean over triplets. Before anything is timed loss
and gradient must be the same. Proof: tests/bench/test_triplet.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module

import torch
from torch import Tensor

from zoo.engine.seed import generator
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadFile, BadInput, Missing
from zoo.losses.verification.triplet import semi_hard
from zoo.nn.unit_length import squared_distances, unit_length

ROUNDS = 51
HEAD = ("what", "images", "triplets", "ms", "CPU ms", "times the peer", "by CPU")
PEER, OURS = "pytorch-metric-learning", "semi_hard"
MARGIN, EACH, SIZE = 0.2, 4, 128
MOST = 60.0  # seconds a row: slow machines run fewer rounds

Loss = Callable[[Tensor, Tensor], Tensor]  # vectors, labels


@dataclass(frozen=True)
class Row:
    """One side: median seconds; the ratios are medians over the rounds, above 1: slower."""

    what: str
    images: int
    triplets: int
    seconds: float
    cpu: float
    ratio: float
    cpu_ratio: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        times = [f"{1e3 * seconds:.2f}" for seconds in (self.seconds, self.cpu)]
        ratios = [f"{ratio:.2f}" for ratio in (self.ratio, self.cpu_ratio)]
        return (self.what, f"{self.images:,}", f"{self.triplets:,}", *times, *ratios)


def run(rounds: int, *, images: tuple[int, ...] = (80, 400)) -> Iterator[Row]:
    """Measure both sides.

    Args:
        rounds: how often each side runs.
        images: of a batch, with commas.

    Raises:
        BadInput: for a number that is no multiple of 4, or below 8.
        BadFile: if the sides do not give the same loss and gradient.
        Missing: if pytorch-metric-learning is not installed.
    """
    if any(number < 2 * EACH or number % EACH for number in images):
        raise BadInput(f"--images must be multiples of {EACH} from {2 * EACH} on, got {images}")
    sides = {PEER: peer(), OURS: ours}
    for number in images:
        vectors, labels = made_up(number)
        _check_same(sides, vectors, labels)
        work = {name: partial(_step, loss, vectors, labels) for name, loss in sides.items()}
        prepared = {name: partial(_prepared, one) for name, one in work.items()}
        times = interleaved(prepared, rounds, most=MOST)
        for name, one in times.items():
            ratios = one.ratio(times[PEER]), one.cpu_ratio(times[PEER])
            count = _triplets(vectors, labels)
            yield Row(name, number, count, one.median, one.cpu_median, *ratios)


def ours(vectors: Tensor, labels: Tensor) -> Tensor:
    """As ``facenet_small`` is trained."""
    unit = unit_length(vectors)
    return semi_hard(squared_distances(unit, unit), labels, MARGIN)


def peer() -> Loss:
    """The same of the peer's parts.

    Raises:
        Missing: if it is not installed.
    """
    try:
        library = import_module("pytorch_metric_learning")
    except ImportError as error:
        name = "pytorch-metric-learning"
        raise Missing(f"there is no {name} to compare with; pip install {name}") from error
    parts = {
        name: import_module(f"{library.__name__}.{name}")
        for name in ("distances", "losses", "miners", "reducers")
    }
    squared = parts["distances"].LpDistance(normalize_embeddings=True, p=2, power=2)
    miner = parts["miners"].TripletMarginMiner(
        margin=MARGIN, type_of_triplets="semihard", distance=squared
    )
    mean = parts["reducers"].MeanReducer()
    loss = parts["losses"].TripletMarginLoss(margin=MARGIN, distance=squared, reducer=mean)

    def of(vectors: Tensor, labels: Tensor) -> Tensor:
        found: Tensor = loss(vectors, labels, miner(vectors, labels))
        return found

    return of


def made_up(images: int) -> tuple[Tensor, Tensor]:
    """Vectors (B, 128), nearer to those of their identity, and labels (B,)."""
    draw = generator(0, "bench triplet", images)
    labels = torch.arange(images // EACH).repeat_interleave(EACH)
    centres = torch.randn(images // EACH, SIZE, generator=draw)
    vectors = centres[labels] * 0.5 + torch.randn(images, SIZE, generator=draw)
    return vectors.requires_grad_(), labels


def _step(loss: Loss, vectors: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    value = loss(vectors, labels)
    return value.detach(), torch.autograd.grad(value, vectors)[0]


def _check_same(sides: dict[str, Loss], vectors: Tensor, labels: Tensor) -> None:
    (first, slope), (second, other) = (_step(loss, vectors, labels) for loss in sides.values())
    if abs(first - second) > 1e-5 or (slope - other).abs().max() > 1e-5:
        raise BadFile(f"the losses are {first:.6f} and {second:.6f}; nothing to compare")


def _triplets(vectors: Tensor, labels: Tensor) -> int:
    """How many are semi-hard."""
    unit = unit_length(vectors.detach())
    d, same = squared_distances(unit, unit), labels[:, None] == labels
    a, p = (same & ~torch.eye(len(labels), dtype=torch.bool)).nonzero(as_tuple=True)
    apart = d[a] - d[a, p][:, None]
    return int((~same[a] & (apart > 0) & (apart < MARGIN)).sum())


def _prepared(side: Work) -> Work:
    return side  # there is nothing to prepare
