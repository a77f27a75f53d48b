"""Resampling by windowed sinc, straight from the formula, for any ratio of integers.

The value between samples is their sum, weighted with a sinc that is cut off below the lower of the
two Nyquist frequencies and fades out within six zero crossings under a squared cosine: J. O. Smith,
Digital Audio Resampling, "windowed sinc interpolation". torchaudio's resampling is the same sum. It
computes the weights of one period and slides them, which is faster by far while the ratio is of
small integers (16000/44100 is 160/441); for 16000/44101 one period is 705 million weights. Here the
weights are computed for each output by itself, in memory that does not depend on the ratio.

Deviations: none from torchaudio's "sinc_interp_hann" with its defaults.
Proof: tests/ops/test_resampling.py (equal to torchaudio.functional.resample).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

ZEROS = 6  # crossings of the sinc on either side
ROLLOFF = 0.99  # the cut-off, relative to the lower of the two Nyquist frequencies
AT_ONCE = 1 << 13  # outputs whose weights are held at the same time


def reach(o: int, n: int) -> int:
    """How many samples on either side an output depends on, when ``o`` samples become ``n``."""
    return math.ceil(ZEROS * o / (min(o, n) * ROLLOFF))


def sinc_resample(wave: Tensor, o: int, n: int) -> Tensor:
    """A wave (..., m) with ``n`` samples for every ``o``: (..., ceil(m n / o)).

    Args:
        o, n: above 0; a common divisor changes nothing.
    """
    count, wide = -(-wave.shape[-1] * n // o), reach(o, n)
    padded = F.pad(wave, (wide, wide + 1))
    parts = [
        _outputs(padded, torch.arange(first, min(first + AT_ONCE, count)), o, n, wide)
        for first in range(0, count, AT_ONCE)
    ]
    return torch.cat(parts, -1) if parts else wave[..., :0]


def _outputs(padded: Tensor, index: Tensor, o: int, n: int, wide: int) -> Tensor:
    """The outputs ``index`` (m,), at samples index o / n, which integer arithmetic keeps exact."""
    before, part = index * o // n, index * o % n
    taps = torch.arange(-wide, wide + 2)
    distance = taps - (part.double() / n)[:, None]  # (m, taps), in samples of the wave
    cut = min(1.0, n / o) * ROLLOFF
    x = (distance * cut).clamp(-ZEROS, ZEROS)  # in zero crossings
    weights = cut * torch.sinc(x) * torch.cos(math.pi / 2 * x / ZEROS).square()
    near = padded[..., before[:, None] + taps + wide]  # (..., m, taps)
    return (near * weights.to(padded)).sum(-1)
