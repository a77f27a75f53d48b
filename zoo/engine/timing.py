"""Timing on a busy machine: the sides take turns, and medians are compared.

A ratio of two runs minutes apart measures the machine's other work. Here every round runs each side
once, in the one order and then in the other, so that what disturbs one (a cache that another side
filled) disturbs all; the ratio is taken round by round.
Used by ``zoo bench``, ``zoo.optimize`` and the choice of a memory_format.
Proof: tests/engine/test_timing.py.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch

Work = Callable[[], object]


@dataclass
class Times:
    """Seconds of each round."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # of this process, all its threads

    @property
    def median(self) -> float:
        """Median wall time in seconds."""
        return statistics.median(self.wall)

    @property
    def cpu_median(self) -> float:
        """Median process time in seconds."""
        return statistics.median(self.cpu)

    def ratio(self, other: "Times") -> float:
        """How long this side takes, in times of ``other``: the median over the rounds.

        >>> Times([2.0, 9.0, 3.0]).ratio(Times([1.0, 3.0, 1.0]))
        3.0
        """
        return statistics.median(a / b for a, b in zip(self.wall, other.wall, strict=True))

    def cpu_ratio(self, other: "Times") -> float:
        """The same of process time.

        >>> Times(cpu=[2.0, 9.0, 3.0]).cpu_ratio(Times(cpu=[1.0, 3.0, 1.0]))
        3.0
        """
        return statistics.median(a / b for a, b in zip(self.cpu, other.cpu, strict=True))


def interleaved(
    sides: Mapping[str, Callable[[], Work]], rounds: int, *, most: float = float("inf")
) -> dict[str, Times]:
    """Run all sides in turn, ``rounds`` times after one round that warms up and does not count.

    Args:
        sides: name -> a function that prepares, untimed, and returns what is timed.
        most: seconds; after them no new round begins, but one always counts.
    """
    times = {name: Times() for name in sides}
    began = time.perf_counter()
    for turn in range(rounds + 1):
        if turn > 1 and time.perf_counter() - began > most:
            break
        forth = list(sides.items())  # and back: no side always comes after the same other
        for name, prepare in reversed(forth) if turn % 2 else forth:
            work = prepare()
            wall, cpu = _timed(work)
            if turn:
                times[name].wall.append(wall)
                times[name].cpu.append(cpu)
    return times


def _timed(work: Work) -> tuple[float, float]:
    _wait()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    _wait()
    return time.perf_counter() - wall, time.process_time() - cpu


def _wait() -> None:
    """A GPU works on while Python goes ahead: wait for it."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
