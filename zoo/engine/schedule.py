"""Learning-rate schedules. Notes: course 2, week 2, "Learning rate decay".

A schedule is a function of the step (counted from 0) and of the number of steps of the run; it
gives the factor by which the base learning rate is multiplied. The five decays of the notes are
``inverse_time``, ``exponential``, ``inverse_sqrt``, ``staircase`` and ``manual``; where the notes
count epochs, ``every`` is the number of steps in one. Proof: tests/engine/test_schedule.py.

>>> rate = inverse_time(decay=1, every=1)  # the notes' table: 0.2 -> 0.1, 0.067, 0.05, 0.04
>>> [round(0.2 * rate(epoch, 100), 3) for epoch in (1, 2, 3, 4)]
[0.1, 0.067, 0.05, 0.04]
"""

import inspect
import math
from collections.abc import Callable

from zoo.errors import BadInput, unknown

Schedule = Callable[[int, int], float]


def constant() -> Schedule:
    """1 throughout."""
    return lambda step, steps: 1.0


def inverse_time(decay: float = 1.0, every: int = 1) -> Schedule:
    """1 / (1 + decay * epoch)."""
    return lambda step, steps: 1 / (1 + decay * (step // every))


def exponential(base: float = 0.95, every: int = 1) -> Schedule:
    """Base ** epoch."""
    return lambda step, steps: base ** (step // every)


def inverse_sqrt(k: float = 1.0, every: int = 1) -> Schedule:
    """K / sqrt(t), with t the epoch or step counted from 1."""
    return lambda step, steps: k / math.sqrt(step // every + 1)


def staircase(factor: float = 0.5, every: int = 1000) -> Schedule:
    """Multiplied by ``factor`` after each ``every`` steps."""
    return lambda step, steps: factor ** (step // every)


def manual(*changes: tuple[int, float]) -> Schedule:
    """(step, factor) pairs set by hand: each factor holds from its step on; 1 before the first.

    >>> watched = manual((32_000, 0.1), (48_000, 0.01))
    >>> watched(0, 64_000), watched(32_000, 64_000), watched(63_999, 64_000)
    (1.0, 0.1, 0.01)
    """
    ordered = sorted(changes)
    return lambda step, steps: ([1.0] + [factor for at, factor in ordered if at <= step])[-1]


def linear() -> Schedule:
    """From 1 straight down, to 0 after the last step."""
    return lambda step, steps: 1 - step / steps


def cosine(floor: float = 0.0) -> Schedule:
    """Half a cosine from 1 to ``floor`` (Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5)."""
    return lambda step, steps: floor + (1 - floor) * (1 + math.cos(math.pi * step / steps)) / 2


def warm_up(over: int = 100, then: Schedule | None = None) -> Schedule:
    """A straight line up over the first ``over`` steps; ``then`` shares the steps that are left."""
    after = then or constant()

    def rate(step: int, steps: int) -> float:
        if step < over:
            return (step + 1) / over
        return after(step - over, max(steps - over, 1))

    return rate


def one_cycle(rise: float = 0.3, start: float = 0.04, end: float = 1e-5) -> Schedule:
    """From ``start`` up to 1 in the first ``rise`` of the run, then down to ``end``, on cosines.

    Smith & Topin 2018, arXiv:1708.07120, sec. 3, with cosines for the paper's straight lines.
    """

    def rate(step: int, steps: int) -> float:
        top = rise * steps
        low, part = (start, step / top) if step < top else (end, 1 - (step - top) / (steps - top))
        return low + (1 - low) * (1 - math.cos(math.pi * part)) / 2

    return rate


NAMED: dict[str, Callable[..., Schedule]] = {
    f.__name__: f
    for f in (constant, inverse_time, exponential, inverse_sqrt, staircase, linear, cosine)
} | {"warm_up": warm_up, "one_cycle": one_cycle, "manual": manual}


def named(text: str) -> Schedule:
    """A schedule from the command line: ``cosine``, ``staircase:factor=0.1,every=500``.

    ``manual`` takes its pairs as they are: ``manual:300=0.1,600=0.01``.

    >>> named("staircase:factor=0.1,every=500")(500, 1000)
    0.1

    Raises:
        UnknownName: for a name that is no schedule.
        BadInput: for an argument that the schedule does not take, or that is no number.
    """
    name, _, rest = text.partition(":")
    if name not in NAMED:
        raise unknown("schedule", name, NAMED)
    pairs = [part.partition("=")[::2] for part in rest.split(",") if part]
    try:
        if name == "manual":
            return manual(*((int(at), float(factor)) for at, factor in pairs))
        known = inspect.signature(NAMED[name]).parameters
        return NAMED[name](
            **{k: (int if known[k].annotation is int else float)(v) for k, v in pairs}
        )
    except (KeyError, ValueError) as error:
        takes = ", ".join(inspect.signature(NAMED[name]).parameters)
        raise BadInput(f"schedule {text!r}: {name} takes {takes} as name=number pairs") from error
