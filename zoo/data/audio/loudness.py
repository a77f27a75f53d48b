"""The level of sound from frame to frame, in dB of full scale: what features are divided by.

A frame's level is held by the median of the last tenth of a second: a click is shorter, a vowel
longer. The level of an utterance is the largest of these; a running level rises with them at once
and falls by RELEASE dB a second, so that it is that of the speech in its pauses too, and that of
the background where nobody speaks for long. A frame that is louder still, as at the beginning of a
word, counts with its own level less ABOVE dB: else features after silence would know no bounds.
All is computed in float64, so that a block has the levels that it has in the whole. Related: the
gain of Wang et al. 2017, arXiv:1607.05666 (PCEN), which is one for each band.
Proof: tests/data/audio/test_loudness.py.
"""

import math
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

HELD = 0.09  # seconds that a level must be held by half
RELEASE = 6.0  # dB a second
ABOVE = 6.0  # dB that a frame may be above a running level, which a sudden sound is ahead of
FEW_STEPS = -85.0  # dB: 16-bit samples of speech have some five steps
FAINTEST = -101.1  # dB: the rounding noise of 16-bit samples; nothing is heard below it


def held(levels: Tensor, width: int, before: Tensor | None = None) -> Tensor:
    """The median of each of the levels (..., T) and the ``width`` - 1 before it: (..., T).

    Args:
        before: (..., width - 1), levels of earlier frames; else the first is repeated.

    >>> held(torch.tensor([1.0, 9, 1, 5, 5, 1]), 3)
    tensor([1., 1., 1., 5., 5., 5.])
    """
    if not levels.shape[-1]:
        return levels
    if before is None:
        before = levels[..., :1].expand(*levels.shape[:-1], width - 1)
    return torch.cat([before, levels], -1).unfold(-1, width, 1).median(-1).values


def running(levels: Tensor, seconds: float, before: Tensor | None = None) -> Tensor:
    """The largest of each of the levels (..., T) and the earlier ones, less what they fell since.

    Args:
        seconds: from one frame to the next.
        before: (...,) the running level of the frame before.

    >>> running(torch.tensor([0.0, -60, -60, -1]), 1.0).tolist()
    [0.0, -6.0, -12.0, -1.0]
    """
    fall = RELEASE * seconds * torch.arange(1, levels.shape[-1] + 1, device=levels.device).double()
    risen = levels.double() + fall
    if before is not None:
        risen = torch.maximum(risen, before.double()[..., None])
    return risen.cummax(-1).values - fall


class Meter:
    """The level of the loudest tenth of a second of a sound that comes in blocks."""

    def __init__(self, rate: int) -> None:
        self.width, self.loudest, self.samples = max(rate // 10, 1), -math.inf, 0

    def over(self, sound: Iterable[Tensor]) -> Iterator[Tensor]:
        """The blocks (m,) as they come; each is measured by itself."""
        for block in sound:
            if len(block):
                parts = block.square().split(self.width)
                mean = max(float(part.mean()) for part in parts)
                self.loudest = max(self.loudest, 10 * math.log10(mean) if mean else -math.inf)
                self.samples += len(block)
            yield block

    @property
    def notice(self) -> str:
        """``too_quiet`` of all of it; "" if there was none."""
        return too_quiet(self.loudest) if self.samples else ""


def too_quiet(loudness: float) -> str:
    """What to tell a person whose sound has this level in dB of full scale; "" if it is heard well.

    >>> too_quiet(-20.0), too_quiet(-120.0)
    ('', 'too quiet to hear: its loudest part is at -120 dB, below what 16-bit sound can hold')
    """
    if loudness >= FEW_STEPS:
        return ""
    if loudness == -math.inf:
        return "nothing to hear: all of it is digital silence (of several channels, their mean)"
    where = f"its loudest part is at {loudness:.0f} dB"
    if loudness >= FAINTEST:
        return f"very quiet: {where}, where 16-bit sound has few steps; much may be missed"
    return f"too quiet to hear: {where}, below what 16-bit sound can hold"
