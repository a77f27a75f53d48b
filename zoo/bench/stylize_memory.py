"""The memory that ``zoo.stylize`` announces beside the peak of the process that makes the picture.

Each row is a process of its own: it announces, then takes some steps (L-BFGS's memory is full after
20), and reports the most that it ever had (VmHWM, Linux).
Proof: tests/bench/test_stylize_memory.py.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

ROUNDS = 1
HEAD = ("pixels", "tiles", "announced, MB", "peak, MB", "announced / peak")
PROGRAM = """
import json, sys
from zoo.bench.stylize import made_up, random_network
from zoo.api.stylizing import stylize

side, tile, steps = (int(word) for word in sys.argv[1:])
photo, painting = made_up(side, "photo"), made_up(side, "painting")
made = stylize(photo, painting, features=random_network(), device="cpu", size=side, steps=steps,
               levels=1, tile=tile)
lines = open("/proc/self/status").read().splitlines()
peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
print(json.dumps([made.memory.total, peak]))
"""
TILED = 192  # pixels of the tiles of the last row


@dataclass(frozen=True)
class Row:
    """Bytes that were announced, and that were needed."""

    side: int
    tile: int
    announced: int
    peak: int

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        bytes_ = (f"{one / 1e6:.0f}" for one in (self.announced, self.peak))
        tiles = str(self.tile) if self.tile else "none"
        return (f"{self.side} x {self.side}", tiles, *bytes_, f"{self.announced / self.peak:.2f}")


def run(rounds: int, *, size: int = 512, steps: int = 24) -> Iterator[Row]:
    """Measure pictures of half the size, of the size, and of the size in tiles.

    Args:
        rounds: the highest peak of so many runs counts.
        size: pixels of the side of the largest picture.
        steps: of the optimiser.
    """
    for side, tile in ((size // 2, 0), (size, 0), (size, TILED)):
        runs = [_measured(side, tile, steps) for _ in range(rounds)]
        yield Row(side, tile, *max(runs, key=lambda pair: pair[1]))


def _measured(side: int, tile: int, steps: int) -> tuple[int, int]:
    command = [sys.executable, "-c", PROGRAM, str(side), str(tile), str(steps)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    announced, peak = json.loads(done.stdout.splitlines()[-1])
    return announced, peak
