"""Where in a clip somebody speaks: start and end of the loudest utterance, by energy.

Rabiner & Sambur 1975, Bell Syst. Tech. J. 54(2), "An algorithm for determining the endpoints of
isolated utterances": levels of short frames against the noise of the same recording. Frames of
25 ms every 10 ms; speech is what lies above BELOW dB under the loudest tenth of a second and above
ABOVE of the way from the noise (a low quantile of all frames) to it. Gaps of a quarter of a second
(a stop, as the k in "alexa") join what is on their sides; of what is found the part with most
energy over the limit is taken, so that a click of a mouse or a breath is not.
Proof: tests/data/test_speech_ends.py (synthetic signals).
"""

import torch
from torch import Tensor

WINDOW, HOP = 0.025, 0.010  # seconds
BELOW = 25.0  # dB under the loudest 0.1 s
ABOVE = 0.4  # of the way, in dB, from the noise to that
NOISE = 0.4  # quantile of the frames' levels
GAP = 0.25  # seconds
FAINT = 1e-10  # -100 dB: digital silence


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


def _runs(on: Tensor, gap: int) -> list[tuple[int, int]]:
    """Stretches [first, last) of true values, with gaps of ``gap`` values and fewer closed.

    >>> _runs(torch.tensor([0, 1, 0, 1, 0, 0, 0, 1]).bool(), 2)
    [(1, 4), (7, 8)]
    """
    found: list[tuple[int, int]] = []
    for place in on.nonzero()[:, 0].tolist():
        if found and place - found[-1][1] <= gap:
            found[-1] = found[-1][0], place + 1
        else:
            found.append((place, place + 1))
    return found
