"""Making a picture: L-BFGS or Adam on its pixels, from coarse to fine.

Paper: Gatys, Ecker and Bethge 2016, sec. 2: L-BFGS from white noise; "initialising with either the
content or the style image ... does not seem to have a strong effect". Notes: course 4, week 4.
Deviations: the picture may first be made at a half, a quarter ... of its size, where strokes reach
further and a step costs a quarter; then it is enlarged. One level is the paper's.

Of each level the picture with the lowest loss is kept: L-BFGS without a line search may leap far
off for a step. torch's ends early unless its tolerances are off, counts calls of the closure (a
"step" here), and needs a picture that is contiguous. Proof: tests/trainers/style/test_run.py.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.engine.seed import generator
from zoo.errors import BadInput, NotFinite
from zoo.nn.features import FeatureNetwork
from zoo.trainers.style.objective import Objective, Terms

Start = Literal["content", "noise", "style"]
Row = dict[str, float]
FALLING = 1.25  # how many times as many steps a level has as the next finer one
SMALLEST = 32  # pixels of a side of a style image; a thin one is widened
COARSEST = 64  # pixels of the shorter side below which no level goes


@dataclass(frozen=True)
class Settings:
    """How a picture is made.

    Attributes:
        steps: evaluations of the loss with its gradient, over all levels.
        levels: sizes, each half of the next; the last is the whole.
        learning_rate: None: 1 of lbfgs, 0.02 of adam.
        history: pairs of vectors that L-BFGS keeps.
        tile: pixels of the side of a tile; None: no tiles.
    """

    steps: int = 160
    levels: int = 2
    optimizer: Literal["lbfgs", "adam"] = "lbfgs"
    learning_rate: float | None = None
    history: int = 20
    start: Start = "content"
    seed: int = 0
    tile: int | None = None


@dataclass(frozen=True)
class Progress:
    """Where a run stands after a step.

    Attributes:
        step: from 1 to ``steps``.
        losses: loss, and of it content, style, smoothness.
        picture: that with the lowest loss of its level so far, (1, 3, h, w).
    """

    step: int
    steps: int
    losses: Row
    picture: Tensor


Watch = Callable[[Progress], bool]  # whether the run is to end now


@dataclass(frozen=True)
class Made:
    """The result of a run.

    Attributes:
        picture: (1, 3, H, W) in [0, 1].
        history: the losses of each step, with the height of the picture then.
        stopped: whether ``watch`` ended it.
    """

    picture: Tensor
    history: list[Row]
    stopped: bool


class _Stop(Exception):
    """The watch has ended the run: out of the optimiser."""


def run(
    network: FeatureNetwork,
    terms: Terms,
    content: Tensor,
    styles: Sequence[Tensor],
    shares: Sequence[float],
    settings: Settings,
    watch: Watch = lambda progress: False,
) -> Made:
    """Make a picture.

    Args:
        content: (1, 3, H, W) in [0, 1].
        styles: (1, 3, h, w) each; they become smaller with the levels.
        shares: of each style.
        watch: is called after each step.

    Raises:
        NotFinite: if the loss is, with the step; nothing is returned.
        BadInput: for settings out of range.
    """
    _check(settings)
    picture, history = _start(content, styles, settings), list[Row]()
    levels = level_sizes(content.shape[2], content.shape[3], settings.levels)
    for size, steps in zip(levels, shared_steps(settings.steps, len(levels)), strict=True):
        if not steps:
            continue
        scale = size[0] / content.shape[2]
        objective = Objective(
            network,
            terms,
            resized(content, size),
            [resized(one, _scaled(one, scale)) for one in styles],
            shares,
            settings.tile,
        )
        picture = resized(picture, size)
        picture, stopped = _level(objective, picture, steps, settings, history, watch)
        if stopped:
            break
    whole = resized(picture, (content.shape[2], content.shape[3]))
    return Made(whole.clamp(0, 1), history, stopped)


def _level(
    objective: Objective,
    start: Tensor,
    steps: int,
    settings: Settings,
    history: list[Row],
    watch: Watch,
) -> tuple[Tensor, bool]:
    """One size: the picture, and whether the watch has ended the run."""
    picture = start.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
    best, least, left = start, math.inf, steps

    def closure() -> Tensor:
        nonlocal best, least, left
        if not left:
            raise _Stop
        left -= 1
        picture.grad = None
        parts = objective(picture)
        losses = {name: float(part) for name, part in parts.items()}
        history.append({"step": len(history) + 1, **losses, "height": picture.shape[2]})
        _check_finite(losses, len(history), settings)
        if losses["loss"] < least:
            best, least = picture.detach().clone(), losses["loss"]
        if watch(Progress(len(history), settings.steps, losses, best)):
            raise _Stop
        return parts["loss"]

    try:
        _optimize(picture, closure, steps, settings)
    except _Stop:
        return best, True
    return best, False


def _optimize(
    picture: Tensor, closure: Callable[[], Tensor], steps: int, settings: Settings
) -> None:
    if settings.optimizer == "lbfgs":
        rate = 1.0 if settings.learning_rate is None else settings.learning_rate
        torch.optim.LBFGS(
            [picture],
            lr=rate,
            max_iter=steps,
            max_eval=steps,
            tolerance_grad=-1,  # an exact 0 ends it still
            tolerance_change=-1,
            history_size=settings.history,
        ).step(closure)
        return
    rate = 0.02 if settings.learning_rate is None else settings.learning_rate
    adam = torch.optim.Adam([picture], lr=rate)
    for _ in range(steps):
        adam.step(closure)


def _check(settings: Settings) -> None:
    for name in ("steps", "levels", "history"):
        value = vars(settings)[name]
        if value < 1:
            raise BadInput(f"{name} must be at least 1, got {value}")
    if settings.optimizer not in ("lbfgs", "adam"):
        raise BadInput(f"optimizer must be lbfgs or adam, got {settings.optimizer}")
    if settings.start not in ("content", "noise", "style"):
        raise BadInput(f"start must be content, noise or style, got {settings.start}")
    rate = settings.learning_rate
    if rate is not None and not 0 < rate < math.inf:
        raise BadInput(f"learning_rate must be above 0, got {rate}")


def _check_finite(losses: Row, step: int, settings: Settings) -> None:
    if not math.isfinite(losses["loss"]):
        parts = ", ".join(f"{name} {value:g}" for name, value in losses.items())
        raise NotFinite(
            f"the loss is not finite at step {step} of {settings.steps} ({parts}): lower "
            "learning_rate or the weights, or use optimizer adam"
        )


# ---- sizes --------------------------------------------------------------------------------------


def level_sizes(height: int, width: int, levels: int) -> list[tuple[int, int]]:
    """Height and width of each level, the coarsest first; none has a side below 64 pixels.

    >>> level_sizes(256, 176, 2)
    [(128, 88), (256, 176)]
    """
    sizes = [(-(-height // 2**i), -(-width // 2**i)) for i in range(levels)]
    return [size for size in reversed(sizes[1:]) if min(size) >= COARSEST] + sizes[:1]


def shared_steps(steps: int, levels: int) -> list[int]:
    """The steps of each level: a coarser one has 1.25 times as many.

    >>> shared_steps(160, 2)
    [89, 71]
    """
    weights = [FALLING ** (levels - 1 - i) for i in range(levels)]
    ends = [round(steps * sum(weights[: i + 1]) / sum(weights)) for i in range(levels)]
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """(N, C, H, W) at another size: bilinear, antialiased."""
    if tuple(images.shape[2:]) == size:
        return images
    return F.interpolate(images, size, mode="bilinear", align_corners=False, antialias=True)


def _scaled(images: Tensor, scale: float) -> tuple[int, int]:
    height, width = (max(round(side * scale), SMALLEST) for side in images.shape[2:])
    return height, width


def _start(content: Tensor, styles: Sequence[Tensor], settings: Settings) -> Tensor:
    """The picture before the first step, of the size of the content."""
    if settings.start == "noise":
        noise = torch.rand(content.shape, generator=generator(settings.seed, "style noise"))
        return noise.to(content)
    if settings.start == "style" and styles:
        return resized(styles[0], (content.shape[2], content.shape[3]))
    return content
