"""Sliding windows by convolution compared with cropping, one crop at a time and all in a batch.

The network is untrained, the image is noise. Of a network that pads nothing the three must give the
same map before anything is timed; of others only the work is compared. Proof:
tests/bench/test_sliding_window.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from zoo import registry
from zoo.engine.seed import generator, seed_everything
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadFile, BadInput
from zoo.practice.sliding_window import EXACT, by_crops, convolutional

ROUNDS = 7
HEAD = ("what", "network", "image", "windows", "ms", "CPU ms", "times convolution", "by CPU")
OURS = "convolution"
MOST = 60.0  # seconds a row: slow machines run fewer rounds
TOGETHER = 256  # crops in a batch


@dataclass(frozen=True)
class Row:
    """One side: median seconds; the ratios are medians over the rounds, above 1: slower."""

    what: str
    network: str
    size: int
    windows: int
    seconds: float
    cpu: float
    ratio: float
    cpu_ratio: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        times = [f"{1e3 * seconds:.2f}" for seconds in (self.seconds, self.cpu)]
        ratios = [f"{ratio:.2f}" for ratio in (self.ratio, self.cpu_ratio)]
        image = f"{self.size} x {self.size}"
        return (self.what, self.network, image, f"{self.windows:,}", *times, *ratios)


def run(rounds: int, *, network: str = "lenet5", size: int = 128) -> Iterator[Row]:
    """Measure all sides.

    Args:
        rounds: how often each side runs.
        network: an architecture of a classifier.
        size: height and width of the image.

    Raises:
        BadInput: for an image smaller than the window, and a network that cannot be turned.
        BadFile: if the sides do not give the same map.
    """
    channels, height, width = registry.entry(network).input_shape
    if size < max(height, width):
        raise BadInput(f"--size must be at least {max(height, width)}, got {size}")
    seed_everything(0)
    model = registry.build(network).eval()
    window = convolutional(model, (height, width))
    image = torch.randn(1, channels, size, size, generator=generator(0, "bench", network))
    sides: dict[str, Callable[[], Tensor]] = {
        OURS: partial(window, image),
        "crops in a batch": partial(by_crops, model, window, image, TOGETHER),
        "crop by crop": partial(by_crops, model, window, image, 1),
    }
    with torch.inference_mode():
        maps = [side() for side in sides.values()]
        furthest = max(float((one - maps[1]).abs().max()) for one in maps)
        if window.exact and furthest > EXACT * float(maps[1].abs().max()):
            raise BadFile(f"the sides' logits differ by {furthest:.2g}; nothing to compare")
        works = {name: partial(_prepared, side) for name, side in sides.items()}
        times = interleaved(works, rounds, most=MOST)
    for name, one in times.items():
        ratios = one.ratio(times[OURS]), one.cpu_ratio(times[OURS])
        count = maps[0][0, 0].numel()
        yield Row(name, network, size, count, one.median, one.cpu_median, *ratios)


def _prepared(side: Work) -> Work:
    return side  # there is nothing to prepare
