"""Confidence intervals: of a proportion, and of events per unit of time.

Wilson 1927 (JASA 22, "Probable inference, the law of succession, and statistical inference");
Garwood 1936 (Biometrika 28, "Fiducial limits for the Poisson distribution").
Proof: tests/metrics/test_intervals.py (scipy.stats).
"""

from collections.abc import Callable
from statistics import NormalDist

import torch

from zoo.errors import BadInput

LEVEL = 0.95


def wilson(count: int, total: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's interval of the probability that gave ``count`` of ``total``; 0 to 1.

    Args:
        level: of confidence.

    >>> [round(x, 3) for x in wilson(0, 50)]  # none of fifty: not a proof of never
    [0.0, 0.071]

    Raises:
        BadInput: for impossible counts or levels.
    """
    _check(count, level)
    if total < count:
        raise BadInput(f"{count} of {total} is not possible")
    if total == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    p, z2 = count / total, z * z / total
    middle = (p + z2 / 2) / (1 + z2)
    wide = z * (p * (1 - p) / total + z2 / (4 * total)) ** 0.5 / (1 + z2)
    low = middle - wide if count else 0.0
    return max(low, 0.0), min(middle + wide, 1.0) if count < total else 1.0


def poisson(count: int, level: float = LEVEL) -> tuple[float, float]:
    """The exact interval of the expected number of events when ``count`` were observed.

    The lower end is the mean that gives ``count`` or more with probability (1 - level) / 2, the
    upper end the one that gives ``count`` or fewer with it.

    >>> [round(x, 2) for x in poisson(0)]  # none seen: up to 3.69 may be expected
    [0.0, 3.69]

    Raises:
        BadInput: for impossible counts or levels.
    """
    _check(count, level)
    tail = (1 - level) / 2
    most = 10.0 + 2 * count + 20 * (count + 1) ** 0.5  # its tail is below 1e-12

    def at_least(mean: float) -> float:
        return _gamma(torch.special.gammainc, count, mean)

    def more(mean: float) -> float:
        return _gamma(torch.special.gammainc, count + 1, mean)

    low = _where(at_least, tail, most) if count else 0.0
    return low, _where(more, 1 - tail, most)


def _gamma(function: Callable[..., torch.Tensor], shape: int, mean: float) -> float:
    values = torch.tensor([shape, mean], dtype=torch.float64)
    return float(function(values[0], values[1]))


def _where(rising: Callable[[float], float], value: float, most: float) -> float:
    """The argument from 0 to ``most`` at which a rising function has this value (bisection)."""
    low, high = 0.0, most
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < value else (low, middle)
    return (low + high) / 2


def _check(count: int, level: float) -> None:
    if count < 0:
        raise BadInput(f"a count must be at least 0, got {count}")
    if not 0 < level < 0.999:
        raise BadInput(f"level must lie above 0 and below 0.999, got {level}")
