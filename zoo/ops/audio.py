"""Sound to features: the short-time spectrum, and the log-mel front end that streams.

A wave is cut into frames that overlap, each is weighted by a Hann window and Fourier transformed:
Allen & Rabiner 1977, Proc. IEEE 65(11); levels of mel bands: zoo/ops/mel.py. The course's notes:
course 5, week 3, speech recognition.

Frame t sees the samples t hop .. t hop + window - 1 and nothing else (``center=False``). The
centred frames that libraries default to reach beyond the end of the wave: there they see it
mirrored when it stands alone, and its neighbour's padding when it stands in a batch, so the last
frames of one utterance depend on its company, and no stream can produce them.

Deviations: torchaudio puts a short window in the middle of ``fft`` samples, here the frame is the
window's samples and zeros follow, which is the same power; so there are (n - window) // hop + 1
frames, not (n - fft) // hop + 1.
Proof: tests/ops/test_audio.py (torchaudio.transforms; streams; batches).
"""

import math
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.errors import BadFile, BadInput
from zoo.ops.mel import mel_filters


def frames(n: int, window: int, hop: int) -> int:
    """How many whole frames there are in ``n`` samples.

    >>> frames(441_000, 200, 80), frames(199, 200, 80)
    (5511, 0)
    """
    return (n - window) // hop + 1 if n >= window else 0


def spectrogram(
    wave: Tensor, window: int, hop: int, fft: int, power: float = 2.0, center: bool = False
) -> Tensor:
    """The short-time spectrum (..., T, fft // 2 + 1) of waves (..., n).

    Args:
        window: samples of a frame, weighted by a periodic Hann window.
        hop: samples from one frame to the next.
        fft: points of the transform, at least ``window``.
        power: 2 for the squared magnitude, 1 for the magnitude.
        center: frame t has its middle at sample t hop, and the wave is mirrored at its ends: T is
            n // hop + 1 for an even ``fft``. Not for batches of different lengths, nor streams.

    Raises:
        BadInput: for a wave that is not floating point, or no room for the window; with
            ``center``, for a wave of fft // 2 samples or fewer, which cannot be mirrored.
    """
    if not wave.is_floating_point():
        raise BadInput(f"a wave must be floats in -1..1, got {wave.dtype}")
    if not (1 <= window <= fft and hop >= 1):
        raise BadInput(f"window {window}, hop {hop}, fft {fft}; expected 1 <= window <= fft, hop")
    if center:
        wave = _mirrored(wave, window, fft)
    count = frames(wave.shape[-1], window, hop)
    if not count:
        return wave.new_zeros(*wave.shape[:-1], 0, fft // 2 + 1)
    hann = torch.hann_window(window, dtype=wave.dtype, device=wave.device)
    spectrum = torch.fft.rfft(wave.unfold(-1, window, hop) * hann, fft)  # (..., T, F)
    if power == 2:
        return torch.view_as_real(spectrum).square().sum(-1)
    return spectrum.abs() ** power


def _mirrored(wave: Tensor, window: int, fft: int) -> Tensor:
    half = fft // 2
    if wave.shape[-1] <= half:
        raise BadInput(f"a wave of {wave.shape[-1]} samples; center needs more than {half}")
    spare = fft - window  # the window stands in the middle of fft points
    flat = F.pad(wave.reshape(1, -1, wave.shape[-1]), (half, half), mode="reflect")
    padded = flat.view(*wave.shape[:-1], flat.shape[-1])
    return padded[..., spare // 2 : padded.shape[-1] - (spare - spare // 2)]


@dataclass(frozen=True)
class LogMel:
    """Levels of mel bands, with a fixed normalisation: the same for a whole wave and for chunks.

    (log(power + floor) - mean) / std, natural logarithm, of samples in -1..1.

    Args:
        rate: samples per second of the waves.
        window, hop, fft: samples, as in ``spectrogram``.
        bands: D.
        low, high: Hz, ends of the bands; ``None`` is rate / 2.
        mean, std: of the logarithms, over the training data.
        floor: keeps the logarithm of silence finite, and faint noise out.

    Raises:
        BadInput: for numbers that make no front end.

    >>> LogMel()(torch.zeros(2, 16000)).shape
    torch.Size([2, 98, 40])
    """

    rate: int = 16000
    window: int = 400
    hop: int = 160
    fft: int = 512
    bands: int = 40
    low: float = 20.0
    high: float | None = None
    mean: float = 0.0
    std: float = 1.0
    floor: float = 1e-6

    def __post_init__(self) -> None:
        if not (1 <= self.hop <= self.window <= self.fft and self.bands >= 1):
            raise BadInput(
                f"hop {self.hop}, window {self.window}, fft {self.fft}, {self.bands} bands; "
                "expected 1 <= hop <= window <= fft and a band"
            )
        if not (self.std > 0 and self.floor > 0):
            raise BadInput(f"std {self.std}, floor {self.floor}; expected both above 0")
        _filters(self.rate, self.fft, self.bands, self.low, self.high)  # its errors come now

    def __call__(self, wave: Tensor) -> Tensor:
        """Features (..., T, bands) of waves (..., n) at ``rate``; T is ``frames(n)``.

        Frame t of a wave is the same whatever follows it in a padded batch.
        """
        power = spectrogram(wave, self.window, self.hop, self.fft)  # (..., T, F)
        filters = _filters(self.rate, self.fft, self.bands, self.low, self.high)
        return (torch.log(power @ filters.to(power) + self.floor) - self.mean) / self.std

    def frames(self, n: int) -> int:
        """How many frames ``n`` samples give."""
        return frames(n, self.window, self.hop)

    @property
    def seconds(self) -> float:
        """From one frame to the next."""
        return self.hop / self.rate

    def level(self, features: Tensor) -> Tensor:
        """Loudness (..., T) of features (..., T, D): the power in all bands together, in dB."""
        return 10 / math.log(10) * (features * self.std + self.mean).logsumexp(-1)

    def stream(self, chunk: Tensor, tail: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The frames that a chunk (..., n) completes, and the samples to give back next time.

        The features of all chunks, one after the other, are those of the whole wave.
        """
        wave = chunk if tail is None else torch.cat([tail, chunk], -1)
        used = self.frames(wave.shape[-1]) * self.hop
        return self(wave), wave[..., used:].clone()  # a view would keep the whole chunk

    def to_json(self) -> dict[str, Any]:
        """For a card."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "LogMel":
        """What ``to_json`` gave.

        Raises:
            BadFile: if it is no such record.
        """
        kinds = {field.name: field.type for field in fields(cls)}
        try:
            if record.keys() != kinds.keys():
                raise ValueError(f"has {sorted(record)}; expected {sorted(kinds)}")
            whole = {name: int(record[name]) for name, kind in kinds.items() if kind is int}
            return cls(**(record | whole))
        except (AttributeError, TypeError, ValueError) as error:
            raise BadFile(f"the card's front end is not a LogMel: {error}") from error


@lru_cache(maxsize=16)
def _filters(rate: int, fft: int, bands: int, low: float, high: float | None) -> Tensor:
    with torch.inference_mode(False):  # else training could not use what predicting left here
        return mel_filters(rate, fft, bands, low, high)
