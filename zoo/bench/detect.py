"""A detector from the file of an image to its boxes: the network as it is beside ``zoo.optimize``.

yolov3_tiny at 416 x 416, one JPEG of 640 x 480 at a time: read, letterbox, network, decoding,
suppression, a typed answer, as ``zoo.load`` does it. Without ``weights`` the network's are random,
with objectness raised so that there are boxes to select; the time is that of trained ones. Both
sides must find the same before anything is timed. Where the CPU computes in bfloat16, also with
``precision="bfloat16"``, whose scores differ in the third digit.
Proof: tests/bench/test_detect.py.
"""

import copy
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from zoo import registry
from zoo.cards import card
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.engine.seed import generator, seed_everything
from zoo.engine.timing import interleaved
from zoo.errors import BadFile, BadInput
from zoo.loading import load
from zoo.predictors.detection import ObjectDetector
from zoo.pretrained.optimize import has_bfloat16, optimize

ROUNDS = 15
HEAD = ("what", "form", "boxes", "ms", "CPU ms", "times as fast", "by CPU")
EAGER, FAST, ROUGH = "eager", "optimized", "optimized, bfloat16 allowed"
ARCH, CLASSES = "yolov3_tiny", ("a", "b", "c")
SAME = 1e-3  # largest difference of a score
MOST = 60.0  # seconds: slow machines run fewer rounds


@dataclass(frozen=True)
class Row:
    """One side: median seconds; how many times as fast as eager, the median over the rounds."""

    what: str
    form: str
    boxes: int
    seconds: float
    cpu: float
    speed: float
    cpu_speed: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        times = [f"{1e3 * t:.1f}" for t in (self.seconds, self.cpu)]
        speeds = [f"{x:.2f}" for x in (self.speed, self.cpu_speed)]
        return (self.what, self.form, str(self.boxes), *times, *speeds)


def run(rounds: int, *, weights: str = "", size: int = 416) -> Iterator[Row]:
    """Measure all sides.

    Args:
        rounds: how often each side runs.
        weights: those of a detector, instead of random ones.
        size: of the network's input, where its weights are random.

    Raises:
        UnknownName: for weights that there are not.
        BadInput: for those of another task, or a size that the network does not take.
        BadFile: if the sides do not find the same.
    """
    if weights and card(weights).task != "detection":
        raise BadInput(f"{weights} is no detector; zoo list --task detection shows those there are")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "image.jpg"
        _made_up(file)
        eager: Any = load(weights) if weights else random_detector(size)
        example = eager.front_end(file).image[None]
        sides: dict[str, Any] = {EAGER: eager, FAST: _with(eager, optimize(eager.model, example))}
        _check_same(sides[EAGER](file), sides[FAST](file))
        if has_bfloat16(example):
            rough = optimize(eager.model, example, precision="bfloat16")
            sides[ROUGH] = _with(eager, rough)
        works = {name: partial(partial, side, file) for name, side in sides.items()}
        times = interleaved(works, rounds, most=MOST)
        for name, one in times.items():
            form = "eager" if name == EAGER else sides[name].model.form
            speeds = times[EAGER].ratio(one), times[EAGER].cpu_ratio(one)
            boxes = len(sides[name](file))
            yield Row(name, form, boxes, one.median, one.cpu_median, *speeds)


def random_detector(size: int) -> ObjectDetector:
    """A detector of three classes with random weights that finds boxes everywhere.

    Raises:
        BadInput: for a size that is no multiple of the network's stride.
    """
    seed_everything(0)
    network: Any = registry.build(ARCH, num_classes=len(CLASSES))
    if size < 1 or size % network.stride:
        raise BadInput(f"size must be a multiple of {network.stride}, got {size}")
    for head in network.heads:
        head.bias.data.view(-1, 5 + len(CLASSES))[:, 4] = 0
    return ObjectDetector(network, BoxFrontEnd((size, size)), CLASSES)


def _with(eager: Any, network: Any) -> Any:
    """The same detector with another network."""
    other = copy.copy(eager)
    other.model = network
    return other


def _made_up(file: Path) -> None:
    from torchvision.io import write_jpeg

    blocks = torch.rand(3, 30, 40, generator=generator(0, "bench detect"))
    image = blocks.repeat_interleave(16, 1).repeat_interleave(16, 2)
    write_jpeg((255 * image).to(torch.uint8), str(file))


def _check_same(one: Any, other: Any) -> None:
    if len(one) != len(other):
        raise BadFile(f"eager finds {len(one)} boxes, optimized {len(other)}")
    if len(one) and float((one.scores - other.scores).abs().max()) > SAME:
        raise BadFile("eager and optimized find different boxes; nothing to compare")
