"""Endpoint detection by energy: of the loudest utterance of a clip, of the words of a sentence.

Rabiner & Sambur 1975, Bell Syst. Tech. J. 54(2), "An algorithm for determining the endpoints of
isolated utterances": levels of short frames against the noise of the same recording. Frames of
25 ms every 10 ms are speech if their level is at most BELOW dB under that of the loudest tenth of a
second, and above ABOVE of the way from the noise (a low quantile of all frames) to it. Gaps of up
to a quarter of a second (a stop, such as the k in "alexa") are closed; of the remaining segments
the one with most energy above the limit is taken, and not a mouse click or a breath.

A recogniser trained with CTC tells where a word is, not where it begins and ends: it may emit a
letter early or late (Sak et al. 2015, arXiv:1507.06947). ``word_ends`` extends that place to where
the sound begins and ends.
Proof: tests/data/audio/test_endpoints.py (synthetic signals).
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

WINDOW, HOP = 0.025, 0.010  # seconds
BELOW = 25.0  # dB under the loudest 0.1 s
ABOVE = 0.4  # of the way, in dB, from the noise to that
NOISE = 0.4  # quantile of the frames' levels
GAP = 0.25  # seconds
FAINT = 1e-10  # -100 dB: digital silence
SOFTEST, LEAST = 30.0, 0.3  # BELOW and ABOVE for words, whose weak ends count ...
LOW = 0.05  # ... and NOISE, where there may be hardly anything but speech
STOP, REACH = 0.15, 0.5  # seconds: of silence within a word; how far its ends may be moved


def speech_ends(wave: Tensor, rate: int) -> tuple[int, int]:
    """First sample and one after the last of the loudest utterance in a wave (n,).

    If the wave is shorter than a frame or silent, all of it.
    """
    window, hop = round(WINDOW * rate), round(HOP * rate)
    if len(wave) < window:
        return 0, len(wave)
    level = 10 * torch.log10(wave.unfold(0, window, hop).square().mean(1) + FAINT)  # (T,)
    smooth = torch.nn.functional.avg_pool1d(level[None], 10, 1, 5, count_include_pad=False)[0]
    peak, noise = float(smooth.max()), float(level.quantile(NOISE))
    limit = max(peak - BELOW, noise + ABOVE * (peak - noise))
    runs = _runs(level > limit, round(GAP / HOP))
    if not runs or peak <= -99:
        return 0, len(wave)
    first, last = max(runs, key=lambda run: float((level[slice(*run)] - limit).clamp(min=0).sum()))
    return first * hop, min((last - 1) * hop + window, len(wave))


def word_ends(level: Tensor, cores: Sequence[tuple[int, int]], hop: float) -> list[tuple[int, int]]:
    """First frame and one after the last of each word's sound, around its core.

    The border between two cores is the quietest frame. A word without sound keeps its core.

    Args:
        level: (T,) dB of each frame.
        cores: where each word is, as its first frame and one after the last, in order.
        hop: seconds from one frame to the next.
    """
    if not cores:
        return []
    smooth = torch.nn.functional.avg_pool1d(level[None], 5, 1, 2, count_include_pad=False)[0]
    noise, reach, ends = float(smooth.quantile(LOW)), round(REACH / hop), []
    borders = [0]
    for (_, last), (first, _) in pairwise(cores):
        borders.append(last - 1 + int(smooth[last - 1 : first + 1].argmin()))
    for (first, last), left, right in zip(cores, borders, [*borders[1:], len(level)], strict=True):
        left, right = max(left, first - reach), min(right, last + reach)
        peak = float(smooth[left:right].max())
        limit = max(peak - SOFTEST, noise + LEAST * (peak - noise))
        runs = _runs(level[left:right] > limit, round(STOP / hop))
        met = [(left + a, left + b) for a, b in runs if left + a < last and left + b > first]
        ends.append((met[0][0], met[-1][1]) if met else (first, last))
    return ends


def _runs(on: Tensor, gap: int) -> list[tuple[int, int]]:
    """Stretches [first, last) of true values, with gaps of ``gap`` values and fewer closed.

    >>> _runs(torch.tensor([0, 1, 0, 1, 0, 0, 0, 1]).bool(), 2)
    [(1, 4), (7, 8)]
    """
    runs: list[tuple[int, int]] = []
    for place in on.nonzero()[:, 0].tolist():
        if runs and place - runs[-1][1] <= gap:
            runs[-1] = runs[-1][0], place + 1
        else:
            runs.append((place, place + 1))
    return runs
