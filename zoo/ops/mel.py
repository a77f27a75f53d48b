"""Mel bands and cepstra: the frequency side of a speech front end.

A mel filterbank sums the bins of a power spectrum under triangles that stand evenly on a scale of
pitch: O'Shaughnessy's ("htk") or that of Slaney's Auditory Toolbox ("slaney"), linear below 1 kHz.
The cepstrum is the cosine transform of the bands' levels: Davis & Mermelstein 1980, IEEE TASSP
28(4), eq. 1. The course's notes: course 5, week 3, audio data.
Deviations: bins lie at k sample_rate / n_fft Hz; torchaudio lays them from 0 to
sample_rate // 2, which differs for odd rates only.
Proof: tests/ops/test_audio.py (torchaudio's melscale_fbanks, MFCC, compute_deltas).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.errors import BadInput, unknown

SCALES = ("htk", "slaney")
BREAK = 1000.0  # Hz; the slaney scale is linear below and logarithmic above
PER_MEL = 200 / 3  # Hz, below the break
STEP = math.log(6.4) / 27  # above it: 27 mels take one from 1 kHz to 6.4 kHz


def to_mel(hertz: Tensor, scale: str = "htk") -> Tensor:
    """Pitch of frequencies, same shape.

    >>> to_mel(torch.tensor([0.0, 1000.0])).round().tolist()
    [0.0, 1000.0]
    """
    if scale == "htk":
        return 2595 * torch.log10(1 + hertz / 700)
    above = BREAK / PER_MEL + torch.log(hertz.clamp(min=BREAK) / BREAK) / STEP
    return torch.where(hertz < BREAK, hertz / PER_MEL, above)


def to_hertz(mel: Tensor, scale: str = "htk") -> Tensor:
    """Frequencies of pitches, same shape: the inverse of ``to_mel``."""
    if scale == "htk":
        return 700 * (10 ** (mel / 2595) - 1)
    first = BREAK / PER_MEL
    return torch.where(
        mel < first, mel * PER_MEL, BREAK * torch.exp(STEP * (mel - first).clamp(min=0))
    )


def mel_filters(
    sample_rate: int,
    n_fft: int,
    n_mels: int,
    f_min: float = 0.0,
    f_max: float | None = None,
    scale: str = "htk",
    equal_area: bool = False,
) -> Tensor:
    """The weight of each bin of a spectrum in each band: (n_fft // 2 + 1, n_mels) float64.

    Args:
        sample_rate: samples per second.
        n_fft: points of the transform.
        f_min, f_max: Hz, where the lowest band begins and the highest ends; ``None`` is half
            the rate.
        scale: "htk" or "slaney".
        equal_area: each triangle has area 1 in Hz (torchaudio's norm="slaney"), not height 1.

    Raises:
        UnknownName: for another scale.
        BadInput: unless 0 <= f_min < f_max <= sample_rate / 2.
    """
    if scale not in SCALES:
        raise unknown("mel scale", scale, SCALES)
    top = sample_rate / 2 if f_max is None else float(f_max)
    if not 0 <= f_min < top <= sample_rate / 2:
        raise BadInput(
            f"mel bands from {f_min} to {top} Hz; expected 0 <= f_min < f_max <= {sample_rate / 2}"
        )
    bins = torch.arange(n_fft // 2 + 1, dtype=torch.float64) * sample_rate / n_fft
    first, last = to_mel(torch.tensor([f_min, top], dtype=torch.float64), scale)
    points = to_hertz(torch.linspace(first, last, n_mels + 2, dtype=torch.float64), scale)
    left, peak, right = points[:-2], points[1:-1], points[2:]
    rise = (bins[:, None] - left) / (peak - left)  # (bins, n_mels)
    fall = (right - bins[:, None]) / (right - peak)
    filters = torch.minimum(rise, fall).clamp(min=0)
    return filters * 2 / (right - left) if equal_area else filters


def decibels(power: Tensor, floor: float = 1e-10, top: float | None = None) -> Tensor:
    """10 log10 of a power spectrum (..., T, F), which is at least ``floor``.

    Args:
        top: decibels below the loudest value of each (T, F) where the answer is cut off. It looks
            at the whole utterance, so it does not stream, and padding must come after it.
            torchaudio takes the loudest of all of a (N, F, T) batch.
    """
    level = 10 * torch.log10(power.clamp(min=floor))
    if top is None or not level.numel():
        return level
    return torch.maximum(level, level.amax((-2, -1), keepdim=True) - top)


def cosines(bands: int, count: int) -> Tensor:
    """The first ``count`` columns of the orthonormal DCT-II: (bands, count) float64."""
    n = torch.arange(bands, dtype=torch.float64)[:, None] + 0.5
    columns = torch.cos(math.pi / bands * n * torch.arange(count, dtype=torch.float64))
    columns[:, 0] *= math.sqrt(0.5)
    return columns * math.sqrt(2 / bands)


def mfcc(levels: Tensor, count: int = 13) -> Tensor:
    """Cepstral coefficients (..., T, count) of bands' levels (..., T, bands), dB or logarithms.

    Raises:
        BadInput: unless 1 <= count <= bands.
    """
    bands = levels.shape[-1]
    if not 1 <= count <= bands:
        raise BadInput(f"{count} cepstral coefficients of {bands} bands; expected 1 to {bands}")
    return levels @ cosines(bands, count).to(levels)


def deltas(features: Tensor, reach: int = 2) -> Tensor:
    """The slope in time of features (..., T, D), same shape.

    A least-squares line through the frames up to ``reach`` before and after: Young et al., The HTK
    Book, sec. 5.9. The first and the last frame stand for those beyond the ends.

    Raises:
        BadInput: unless there is a frame and ``reach`` is 1 or more.
    """
    if reach < 1 or not features.shape[-2]:
        raise BadInput(f"deltas of {features.shape[-2]} frames with reach {reach}; expected 1, 1")
    long = features.transpose(-1, -2)  # (..., D, T)
    flat = long.reshape(1, -1, long.shape[-1])
    padded = F.pad(flat, (reach, reach), mode="replicate")
    line = torch.arange(-reach, reach + 1).to(features)
    slope = padded.unfold(-1, 2 * reach + 1, 1) @ line / line.square().sum()
    return slope.view(long.shape).transpose(-1, -2)
