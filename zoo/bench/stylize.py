"""A photo in a painting's style: ``zoo.stylize`` beside a plain script of the same optimiser.

The same network (vgg_perceptual; random weights, which compute as long as trained ones), losses,
sizes and steps: torch's L-BFGS at half the size, then at the whole. Ours also measures the memory
that it announces, keeps the losses of each step, and the best picture. The first losses of both
sides must agree before anything is timed.
Proof: tests/bench/test_stylize.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from zoo import registry
from zoo.api.stylizing import stylize
from zoo.data.image.write import to_image
from zoo.engine.seed import generator, seed_everything
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadFile, BadInput
from zoo.nn.features import fold_norms

ROUNDS = 1
HEAD = ("side", "steps", "s", "CPU s", "times plain", "by CPU")
OURS, PLAIN = "zoo.stylize", "plain script"
STYLE, CONTENT = ("rgb", "1_1", "2_1", "3_1", "4_1"), "3_2"
SAME = 1e-2  # of a loss
SHARE = 1.25  # steps at half the size, over those at the whole
LEAST = 128  # pixels: below, both sides would have one size only


@dataclass(frozen=True)
class Row:
    """One side: median seconds, and in times of the plain script's."""

    side: str
    steps: int
    seconds: float
    cpu: float
    ratio: float
    cpu_ratio: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        numbers = (self.seconds, self.cpu, self.ratio, self.cpu_ratio)
        return (self.side, str(self.steps), *(f"{one:.2f}" for one in numbers))


def run(rounds: int, *, size: int = 256, steps: int = 200) -> Iterator[Row]:
    """Measure both sides, in turns.

    Args:
        rounds: how often each side runs.
        size: of the square picture, a multiple of 32 and at least 128.
        steps: of the optimiser.

    Raises:
        BadInput: for another size, or fewer than 4 steps.
        BadFile: if the sides do not begin with the same loss.
    """
    if size < LEAST or size % 32 or steps < 4:
        raise BadInput(
            f"size must be a multiple of 32 from {LEAST}, steps at least 4, got {size}, {steps}"
        )
    network, content, style = random_network(), made_up(size, "photo"), made_up(size, "painting")
    ours = partial(stylize, content, [style], features=network, device="cpu", size=size)
    plain = partial(plain_script, network, content, style)
    pairs = zip((row["loss"] for row in ours(steps=4).history), plain(4), strict=True)
    for step, (loss, other) in enumerate(pairs, 1):
        if abs(loss - other) > SAME * abs(other):
            raise BadFile(f"at step {step} zoo.stylize has the loss {loss:g}, plain {other:g}")
    sides: dict[str, Work] = {PLAIN: partial(plain, steps), OURS: partial(ours, steps=steps)}
    times = interleaved({name: partial(partial, work) for name, work in sides.items()}, rounds)
    for name, one in times.items():
        ratios = one.ratio(times[PLAIN]), one.cpu_ratio(times[PLAIN])
        yield Row(name, steps, one.median, one.cpu_median, *ratios)


def random_network() -> Any:
    """vgg_perceptual without training, its batch norms folded."""
    seed_everything(0)
    return fold_norms(registry.build("vgg_perceptual"))


def made_up(size: int, name: str) -> Image.Image:
    """A picture of blurred blocks."""
    blocks = torch.rand(1, 3, 12, 12, generator=generator(0, "bench stylize", name))
    return to_image(F.interpolate(blocks, (size, size), mode="bilinear")[0])


# ---- the plain script ---------------------------------------------------------------------------


def plain_script(network: Any, content: Image.Image, style: Image.Image, steps: int) -> list[float]:
    """What one would write in a notebook; the losses of the steps."""
    from torchvision.transforms.functional import to_tensor

    whole, painting = to_tensor(content)[None], to_tensor(style)[None]
    fine = steps - round(steps * SHARE / (1 + SHARE))
    x, losses = half(whole), list[float]()
    for photo, brush, count in (
        (half(whole), half(painting), steps - fine),
        (whole, painting, fine),
    ):
        size = (photo.shape[2], photo.shape[3])
        x = F.interpolate(x, size, mode="bilinear").contiguous().requires_grad_()
        with torch.no_grad():
            maps, brushed = network.extract(photo), network.extract(brush)
            kept, own = maps[CONTENT], {k: moments(maps[k]) for k in STYLE}
            wanted = {k: moments(brushed[k]) for k in STYLE}
            unit = {k: (own[k] - wanted[k]).square().mean() for k in STYLE}
            spread = kept.var((2, 3), correction=0).mean()
        optimizer = torch.optim.LBFGS(
            [x], 1, count, count, tolerance_grad=-1, tolerance_change=-1, history_size=20
        )

        def closure(
            x: Tensor = x, kept: Tensor = kept, wanted: Any = wanted, unit: Any = unit,
            spread: Tensor = spread, optimizer: Any = optimizer,
        ) -> Tensor:  # fmt: skip
            optimizer.zero_grad()
            found = network.extract(x)
            loss = 1.5 * (found[CONTENT] - kept).square().mean() / spread
            for name in STYLE:
                loss = (
                    loss + 20 * (moments(found[name]) - wanted[name]).square().mean() / unit[name]
                )
            loss = loss + 10 * (x.diff(dim=2).square().mean() + x.diff(dim=3).square().mean())
            loss = loss + 10 * (x - x.clamp(0, 1)).square().mean()
            loss.backward()
            losses.append(loss.item())
            return loss

        optimizer.step(closure)
        x = x.detach()
    to_image(x[0])
    return losses


def half(image: Tensor) -> Tensor:
    """At half the size."""
    return F.interpolate(image, scale_factor=0.5, mode="bilinear", antialias=True)


def moments(maps: Tensor) -> Tensor:
    """Second moments of [features; 1] over positions."""
    flat = maps[0].flatten(1)
    flat = torch.cat([flat, flat.new_ones(1, flat.shape[1])])
    return flat @ flat.T / flat.shape[1]
