"""Where somebody speaks, by energy: ends of a clip's loudest utterance, ends of words in a string.

Rabiner & Sambur 1975, Bell Syst. Tech. J. 54(2), "An algorithm for determining the endpoints of
isolated utterances": levels of short frames against the noise of the same recording. Frames of
25 ms every 10 ms; speech is what lies above BELOW dB under the loudest tenth of a second and above
ABOVE of the way from the noise (a low quantile of all frames) to it. Gaps of a quarter of a second
(a stop, as the k in "alexa") join what is on their sides; of what is found the part with most
energy over the limit is taken, so that a click of a mouse or a breath is not.

A recogniser trained with CTC says where a word is, not where it begins and ends: it is free to be
sure of a letter early or late (Sak et al. 2015, arXiv:1507.06947). ``word_ends`` goes from
there to where the sound does.
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
SOFTEST, LEAST = 30.0, 0.3  # BELOW and ABOVE of words, to which their weak ends belong ...
LOW = 0.05  # ... and NOISE, where speech may be nearly all there is
STOP, REACH = 0.15, 0.5  # seconds: of silence within a word; how far its ends may be moved


def speech_ends(wave: Tensor, rate: int) -> tuple[int, int]:
    """First sample and one after the last of the loudest utterance in a wave (n,).

    The whole wave if it is shorter than a frame or silent.
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
    """First frame and one after the last of each word's sound, which meets its core.

    Between two cores the border is the quietest place. A word with no sound stays its core.

    Args:
        level: (T,) dB of each frame.
        cores: where each word is, as its first frame and one after the last, in order.
        hop: seconds from one frame to the next.
    """
    if not cores:
        return []
    smooth = torch.nn.functional.avg_pool1d(level[None], 5, 1, 2, count_include_pad=False)[0]
    noise, reach, found = float(smooth.quantile(LOW)), round(REACH / hop), []
    borders = [0]
    for (_, last), (first, _) in pairwise(cores):
        borders.append(last - 1 + int(smooth[last - 1 : first + 1].argmin()))
    for (first, last), left, right in zip(cores, borders, [*borders[1:], len(level)], strict=True):
        left, right = max(left, first - reach), min(right, last + reach)
        peak = float(smooth[left:right].max())
        limit = max(peak - SOFTEST, noise + LEAST * (peak - noise))
        runs = _runs(level[left:right] > limit, round(STOP / hop))
        met = [(left + a, left + b) for a, b in runs if left + a < last and left + b > first]
        found.append((met[0][0], met[-1][1]) if met else (first, last))
    return found


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
