"""The memory that a picture needs, computed before it is made.

The memory of one evaluation with its gradient grows with the number of pixels. It is measured on
two small pictures by watching which tensors live, and continued along a straight line. To it come
what the optimiser keeps and what the process has now.
Proof: tests/trainers/style/test_memory.py, against the peak of a process.
"""

import os
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from zoo.errors import BadInput
from zoo.nn.features import FeatureNetwork
from zoo.trainers.style.objective import Objective, Terms, reach_of
from zoo.trainers.style.tiles import halo_of

SMALL, LARGE = 64, 96  # pixels of the sides of the two pictures
CHANNELS, FLOAT = 3, 4  # of a picture; bytes of a number
GAPS = 1.25  # what an allocator takes for a byte: it does not fill all gaps
TILES = (1024, 768, 512, 384, 256, 192, 128)  # pixels of the inside
SHARE = 0.9  # of the free memory that is taken: other programs want some
COPIES = {"lbfgs": 8, "adam": 4}  # of the picture: itself, gradients, what the optimiser keeps
CGROUP = (  # limit, use; of the system's two generations of control groups
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)


class _Live(TorchDispatchMode):
    """Bytes of the tensors that were made inside and live, and the most there were."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self.known = weakref.WeakSet[Any]()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for one in tree_leaves(result):
            if isinstance(one, Tensor):
                self._count(one.untyped_storage())
        return result

    def _count(self, storage: Any) -> None:
        if storage not in self.known:
            self.known.add(storage)
            size = storage.nbytes()
            self.now += size
            self.peak = max(self.peak, self.now)
            weakref.finalize(storage, self._free, size)

    def _free(self, size: int) -> None:
        self.now -= size


@dataclass(frozen=True)
class Memory:
    """What a picture needs, in bytes.

    Attributes:
        process: what the process has before.
        features: of one evaluation: features, gradients, targets.
        optimizer: the picture and what the optimiser keeps.
    """

    process: int
    features: int
    optimizer: int

    @property
    def total(self) -> int:
        """The highest that the process will need."""
        return self.process + self.features + self.optimizer

    @property
    def more(self) -> int:
        """What is not there yet."""
        return self.features + self.optimizer

    def __str__(self) -> str:
        return (
            f"{megabytes(self.total)} MB ({megabytes(self.process)} now, for features "
            f"{megabytes(self.features)}, for the optimizer {megabytes(self.optimizer)})"
        )


def megabytes(size: float) -> int:
    """Bytes in millions, rounded."""
    return round(size / 1e6)


@dataclass(frozen=True)
class Need:
    """What any picture of a run needs.

    Attributes:
        start, slope: bytes of one evaluation: ``start + slope * pixels``.
        kept: bytes of the picture and of what the optimiser keeps, for each pixel.
        halo: pixels around the inside of a tile.
    """

    start: float
    slope: float
    kept: int
    halo: int

    def of(self, height: int, width: int, tile: int | None = None) -> Memory:
        """The memory for a picture, made as a whole or in tiles of that side."""
        pixels, most = height * width, height * width
        if tile is not None:
            side = tile + 2 * self.halo
            most = min(height, side) * min(width, side)
        features = GAPS * (self.start + self.slope * most)
        return Memory(process_bytes(), round(features), round(GAPS * self.kept * pixels))


def need(
    network: FeatureNetwork, terms: Terms, device: torch.device, optimizer: str, history: int
) -> Need:
    """Measure one evaluation with its gradient on two small pictures.

    Args:
        history: how many pairs of vectors L-BFGS keeps.
    """
    peaks = [_peak(network, terms, side, device) for side in (SMALL, LARGE)]
    slope = (peaks[1] - peaks[0]) / (LARGE**2 - SMALL**2)
    copies = COPIES[optimizer] + (2 * history if optimizer == "lbfgs" else 0)
    halo = halo_of(reach_of(network, terms, device))
    return Need(max(peaks[0] - slope * SMALL**2, 0), slope, copies * CHANNELS * FLOAT, halo)


def _peak(network: FeatureNetwork, terms: Terms, side: int, device: torch.device) -> int:
    content = torch.zeros(1, CHANNELS, side, side, device=device)
    with _Live() as live:
        objective = Objective(network, terms, content, [content], [1.0])
        objective(content.clone().requires_grad_())
    return live.peak


def process_bytes() -> int:
    """The memory that this process has now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def free_bytes(device: torch.device) -> int:
    """Memory that is to be had, of the GPU or of the machine and its limits; 0 if not known."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    known = [
        left for pair in CGROUP if (left := _left(*(Path("/sys/fs/cgroup") / k for k in pair)))
    ]
    with suppress(OSError, ValueError):  # no such file but on Linux
        lines = Path("/proc/meminfo").read_text().splitlines()
        [available] = [line.split()[1] for line in lines if line.startswith("MemAvailable")]
        known.append(int(available) * 1024)
    return min(known, default=0)


def _left(limit: Path, use: Path) -> int:
    """What a control group may still use; 0 if it is not limited."""
    try:
        return max(int(limit.read_text()) - int(use.read_text()), 1)
    except (OSError, ValueError):  # there is none, or "max"
        return 0


def fitting_tile(need: Need, height: int, width: int, free: int) -> int | None:
    """The side of the tiles that fit into the memory that is free; None if the whole picture does.

    Args:
        free: bytes; 0 if not known.

    Raises:
        BadInput: if not even the smallest tiles fit.
    """
    whole = need.of(height, width)
    if not free or whole.more <= SHARE * free:
        return None
    for tile in TILES:
        if need.of(height, width, tile).more <= SHARE * free:
            return tile
    least = need.of(height, width, TILES[-1])
    raise BadInput(
        f"a picture of {width} x {height} pixels needs {megabytes(whole.more)} MB, in tiles "
        f"{megabytes(least.more)}; {megabytes(free)} are free: choose a smaller size, or adam, "
        "which keeps less than lbfgs"
    )
