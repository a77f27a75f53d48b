"""The GRU compared with torch's nn.GRU at the same sizes: a forward and backward pass.

Two sizes: that of words (35 steps, batch 20, two layers of 650; Zaremba 2014's medium network) and
that of characters (100 steps, batch 32, one layer of 512). torch has no cell that resets before the
product; its nn.GRU is the peer in both cases, as the nearest alternative. For equal cells the
weights are equal, and the outputs are compared before timing; the outputs of the other cell are
compared with plain unrolled cells. Proof: tests/bench/test_gru.py.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zoo.engine.timing import Times, Work, interleaved
from zoo.errors import BadFile
from zoo.nn.sequence.gru import FusedGRU
from zoo.nn.sequence.recurrent import Recurrent

ROUNDS = 9
HEAD = ("size", "reset gate", "ours, ms", "nn.GRU, ms", "times as fast", "ours, CPU ms", "nn.GRU")
MOST = 120.0  # seconds per size: slow machines run fewer rounds


@dataclass(frozen=True)
class Size:
    """T steps of N examples through layers of H units, with H inputs."""

    steps: int
    batch: int
    units: int
    layers: int

    def __str__(self) -> str:
        return f"{self.steps} x {self.batch}, {self.layers} x {self.units}"


SIZES = (Size(35, 20, 650, 2), Size(100, 32, 512, 1))


@dataclass(frozen=True)
class Row:
    """Median seconds of both sides; ``gain`` above 1: the zoo is faster."""

    size: str
    reset: str  # "after" or "before" the product with U
    ours: float
    theirs: float
    gain: float  # of wall time, the median over the rounds
    ours_cpu: float
    theirs_cpu: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table, times in milliseconds."""
        times = [f"{1e3 * t:.0f}" for t in (self.ours, self.theirs, self.ours_cpu, self.theirs_cpu)]
        return (self.size, self.reset, *times[:2], f"{self.gain:.2f}", *times[2:])


def run(rounds: int, sizes: Iterable[Size] = SIZES) -> Iterator[Row]:
    """Measure both reset conventions at each size.

    Args:
        rounds: how often each side runs.

    Raises:
        BadFile: if two sides that should give the same outputs do not.
    """
    for size in sizes:
        yield from _rows(size, rounds)


def _rows(size: Size, rounds: int) -> list[Row]:
    peer, after, before = _sides(size)
    x = torch.randn(size.batch, size.steps, size.units, generator=torch.Generator().manual_seed(0))
    _check_same_outputs(peer, after, x[:2, :5])
    readable = Recurrent("gru_reset_before", size.units, size.units, size.layers)
    readable.load_state_dict(before.state_dict())
    _check_same_outputs(readable, before, x[:2, :5])
    x.requires_grad_()  # as for layers above other layers
    works = {"theirs": _training(peer, x), "after": _training(after, x),
             "before": _training(before, x)}  # fmt: skip
    times = interleaved(works, rounds, most=MOST)
    return [_row(size, name, times[name], times["theirs"]) for name in ("after", "before")]


def _sides(size: Size) -> tuple[nn.Module, nn.Module, nn.Module]:
    torch.manual_seed(0)
    peer = nn.GRU(size.units, size.units, size.layers, batch_first=True)
    both = [FusedGRU(size.units, size.units, size.layers, reset_after=r) for r in (True, False)]
    for ours in both:
        ours.load_state_dict(peer.state_dict())
    return peer, both[0], both[1]


def _row(size: Size, reset: str, ours: Times, theirs: Times) -> Row:
    return Row(str(size), reset, ours.median, theirs.median, theirs.ratio(ours),
               ours.cpu_median, theirs.cpu_median)  # fmt: skip


@torch.no_grad()
def _check_same_outputs(one: nn.Module, other: nn.Module, x: Tensor) -> None:
    if not (one(x)[0] - other(x)[0]).abs().max() <= 1e-5:
        raise BadFile("the two GRUs give different numbers; nothing to compare")


def _training(layers: nn.Module, x: Tensor) -> Callable[[], Work]:
    def work() -> None:
        layers(x)[0].sum().backward()

    def prepare() -> Work:
        layers.zero_grad()
        x.grad = None
        return work

    return prepare
