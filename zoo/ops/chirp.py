"""A sound that words describe exactly: the input of test vectors in cards about sound.

Proof: tests/ops/test_chirp.py.
"""

import math
import re

import torch
from torch import Tensor

from zoo.errors import BadFile

LONGEST = 60.0  # seconds


def description(low: int, high: int, seconds: float) -> str:
    """The words for a chirp.

    >>> description(100, 4000, 1.5)
    'a chirp from 100 to 4000 Hz in 1.5 seconds'
    """
    return f"a chirp from {low} to {high} Hz in {seconds} seconds"


def chirp(text: str, rate: int) -> Tensor:
    """A tone whose pitch rises evenly (n,), at half of full scale, from its ``description``.

    Raises:
        BadFile: if the text is no such description.
    """
    parts = re.fullmatch(r"a chirp from (\d+) to (\d+) Hz in (\d+(?:\.\d+)?) seconds", text)
    if not parts or not 0 < float(parts[3]) <= LONGEST:
        wanted = description(100, 4000, 1.5)
        raise BadFile(f"a test vector must be like {wanted!r}, got {text[:80]!r}")
    low, high, seconds = map(float, parts.groups())
    t = torch.arange(round(seconds * rate)).double() / rate
    phase = 2 * math.pi * (low * t + (high - low) * t.square() / (2 * seconds))
    return (0.5 * phase.sin()).float()
