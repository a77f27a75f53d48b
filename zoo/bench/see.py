"""What `zoo see` computes, compared with captum: integrated gradients and occlusion of one image.

Both sides have the same network with fresh weights in evaluation mode, the same image, 50 points of
Gauss and Legendre's rule, the same windows and as many covered images in one pass; captum takes the
points of integrated gradients in one pass, as it does by itself. Before anything is timed the maps
must be equal. Proof: tests/bench/test_see.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from zoo import registry
from zoo.engine.seed import generator
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadFile, Missing
from zoo.pretrained.create import create_model
from zoo.viz.layers.gradients import integrated
from zoo.viz.layers.occlusion import TOGETHER, occlusion, window_of

ROUNDS = 15
HEAD = ("what", "network", "image", "ms", "CPU ms", "times captum", "by CPU")
PEER = "captum"
MOST = 30.0  # seconds a row: slow machines run fewer rounds
STEPS, TARGET = 50, 1
Side = Callable[[], Tensor]


@dataclass(frozen=True)
class Row:
    """One side: median seconds; the ratios are medians over the rounds, above 1: slower."""

    what: str
    network: str
    image: str
    seconds: float
    cpu: float
    ratio: float
    cpu_ratio: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        times = [f"{1e3 * seconds:.1f}" for seconds in (self.seconds, self.cpu)]
        ratios = [f"{ratio:.2f}" for ratio in (self.ratio, self.cpu_ratio)]
        return (self.what, self.network, self.image, *times, *ratios)


def run(rounds: int, *, networks: tuple[str, ...] = ("lenet5", "resnet20")) -> Iterator[Row]:
    """Measure all sides.

    Args:
        rounds: how often each side runs.
        networks: classifiers of images, with commas.

    Raises:
        Missing: if captum is not installed.
        BadFile: if the sides do not give the same map.
    """
    attr = captum()
    for name in networks:
        model = create_model(name).eval()
        shape = registry.entry(name).input_shape
        image = torch.randn(1, *shape, generator=generator(0, "bench see", name))
        size = "x".join(map(str, shape))
        ours: Side = partial(_integrated, model, image)
        theirs: Side = partial(_their_integrated, attr.IntegratedGradients(model), image)
        yield from _rows("integrated gradients", name, size, rounds, theirs, ours)
        ours = partial(occlusion, model, model, image, TARGET)
        theirs = partial(_their_occlusion, attr.Occlusion(model), image)
        yield from _rows("occlusion", name, size, rounds, theirs, ours)


def captum() -> Any:
    """The module captum.attr, imported here as a peer.

    Raises:
        Missing: if captum is not installed.
    """
    try:
        return import_module("captum.attr")
    except ImportError as error:
        raise Missing("there is no captum to compare with; pip install captum") from error


def _integrated(model: Any, image: Tensor) -> Tensor:
    return integrated(model, model, image, TARGET, steps=STEPS, most=STEPS).map


def _their_integrated(method: Any, image: Tensor) -> Tensor:
    found: Tensor = method.attribute(image, target=TARGET, n_steps=STEPS)[0]
    return found.detach()


def _their_occlusion(method: Any, image: Tensor) -> Tensor:
    side, step = window_of(image.shape[2], image.shape[3])
    channels = image.shape[1]
    found: Tensor = method.attribute(
        image,
        (channels, side, side),
        strides=(channels, step, step),
        target=TARGET,
        perturbations_per_eval=TOGETHER,
    )
    return found[0, 0].detach()


def _rows(
    what: str, network: str, image: str, rounds: int, theirs: Side, ours: Side
) -> Iterator[Row]:
    first, second = theirs(), ours()
    if not torch.allclose(first, second, rtol=1e-3, atol=1e-5 * float(first.abs().max())):
        raise BadFile(f"the sides do not give the same {what} of {network}; nothing to compare")
    sides: dict[str, Callable[[], Work]] = {
        f"{what}, {PEER}": lambda: lambda: theirs(),
        f"{what}, zoo": lambda: lambda: ours(),
    }
    times = interleaved(sides, rounds, most=MOST)
    base = times[f"{what}, {PEER}"]
    for name, one in times.items():
        yield Row(name, network, image, one.median, one.cpu_median, one.ratio(base),
                  one.cpu_ratio(base))  # fmt: skip
