"""The short-time spectrum of a wave, of whole frames only.

A wave is cut into frames that overlap, each is weighted by a Hann window and Fourier transformed:
Allen & Rabiner 1977, Proc. IEEE 65(11); levels of mel bands: zoo/ops/mel.py,
zoo/data/audio/log_mel.py. The course's notes: course 5, week 3, speech recognition.

Frame t sees the samples t hop_length .. t hop_length + win_length - 1 and nothing else
(``center=False``). The centred frames that libraries default to reach beyond the end of the wave:
there they see it mirrored when it stands alone, and its neighbour's padding when it stands in a
batch, so the last frames of one utterance depend on its company, and no stream can produce them.

Deviations: torchaudio puts a short window in the middle of ``n_fft`` samples, here the frame is the
window's samples and zeros follow, which is the same power; so there are
(n - win_length) // hop_length + 1 frames, not (n - n_fft) // hop_length + 1.
Proof: tests/ops/test_audio.py (torchaudio.transforms).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.errors import BadInput


def frames(n: int, win_length: int, hop_length: int) -> int:
    """How many whole frames there are in ``n`` samples.

    >>> frames(441_000, 200, 80), frames(199, 200, 80)
    (5511, 0)
    """
    return (n - win_length) // hop_length + 1 if n >= win_length else 0


def spectrogram(
    wave: Tensor,
    win_length: int,
    hop_length: int,
    n_fft: int,
    power: float = 2.0,
    center: bool = False,
) -> Tensor:
    """The short-time spectrum (..., T, n_fft // 2 + 1) of waves (..., n).

    Args:
        win_length: samples of a frame, weighted by a periodic Hann window.
        hop_length: samples from one frame to the next.
        n_fft: points of the transform, at least ``win_length``.
        power: 2 for the squared magnitude, 1 for the magnitude.
        center: frame t has its middle at sample t hop_length, and the wave is mirrored at its
            ends: T is n // hop_length + 1 for an even ``n_fft``. Not for batches of different
            lengths, nor streams.

    Raises:
        BadInput: for a wave that is not floating point, or no room for the window; with
            ``center``, for a wave of n_fft // 2 samples or fewer, which cannot be mirrored.
    """
    if not wave.is_floating_point():
        raise BadInput(f"a wave must be floats in -1..1, got {wave.dtype}")
    if not (1 <= win_length <= n_fft and hop_length >= 1):
        got = f"win_length {win_length}, hop_length {hop_length}, n_fft {n_fft}"
        raise BadInput(f"{got}; expected 1 <= win_length <= n_fft and 1 <= hop_length")
    if center:
        wave = _mirrored(wave, win_length, n_fft)
    count = frames(wave.shape[-1], win_length, hop_length)
    if not count:
        return wave.new_zeros(*wave.shape[:-1], 0, n_fft // 2 + 1)
    hann = torch.hann_window(win_length, dtype=wave.dtype, device=wave.device)
    spectrum = torch.fft.rfft(wave.unfold(-1, win_length, hop_length) * hann, n_fft)  # (..., T, F)
    if power == 2:
        return torch.view_as_real(spectrum).square().sum(-1)
    return spectrum.abs() ** power


def _mirrored(wave: Tensor, win_length: int, n_fft: int) -> Tensor:
    half = n_fft // 2
    if wave.shape[-1] <= half:
        raise BadInput(f"a wave of {wave.shape[-1]} samples; center needs more than {half}")
    spare = n_fft - win_length  # the window stands in the middle of n_fft points
    flat = F.pad(wave.reshape(1, -1, wave.shape[-1]), (half, half), mode="reflect")
    padded = flat.view(*wave.shape[:-1], flat.shape[-1])
    return padded[..., spare // 2 : padded.shape[-1] - (spare - spare // 2)]
