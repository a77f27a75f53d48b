"""A sound that can be told in words: what the test vectors of cards about sound are made of.

Proof: tests/ops/test_chirp.py.
"""

import math
import re

import torch
from torch import Tensor

from zoo.errors import BadFile

LONGEST = 60.0  # seconds


def tell(low: int, high: int, seconds: float) -> str:
    """The words for a chirp.

    >>> tell(100, 4000, 1.5)
    'a chirp from 100 to 4000 Hz in 1.5 seconds'
    """
    return f"a chirp from {low} to {high} Hz in {seconds} seconds"


def chirp(text: str, rate: int) -> Tensor:
    """A tone whose pitch rises evenly (n,), at half of full scale, as ``tell`` tells of it.

    Raises:
        BadFile: if the text tells no such thing.
    """
    told = re.fullmatch(r"a chirp from (\d+) to (\d+) Hz in (\d+(?:\.\d+)?) seconds", text)
    if not told or not 0 < float(told[3]) <= LONGEST:
        raise BadFile(f"a test vector must be like {tell(100, 4000, 1.5)!r}, got {text[:80]!r}")
    low, high, seconds = map(float, told.groups())
    t = torch.arange(round(seconds * rate)).double() / rate
    phase = 2 * math.pi * (low * t + (high - low) * t.square() / (2 * seconds))
    return (0.5 * phase.sin()).float()
