"""Log-mel features of sound: the front end of speech recognition and of trigger words.

Frame t sees its own samples only (zoo/ops/audio.py). With ``levelling`` the power of the bands is
divided by a level of the sound (zoo/data/audio/loudness.py) before the floor of the logarithm, so
that features do not depend on how loud the sound is: one level for a whole utterance, or a running
level, which needs no later frames. The normalisation is fixed. So the features of a stream are
those of the whole wave, but for the level of an utterance, which is known at its end.
Proof: tests/data/audio/test_log_mel.py (torchaudio; streams; batches; loudness).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from zoo.data.audio.loudness import ABOVE, FAINTEST, HELD, held, running
from zoo.data.front_end import FrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.ops.audio import frames, spectrogram
from zoo.ops.mel import mel_filters

LEVELLING = ("none", "utterance", "running")


class StreamState(NamedTuple):
    """What ``LogMel.stream`` needs to go on; the last two are for a running level."""

    samples: Tensor  # (..., n) of frames that are not complete
    recent: Tensor | None = None  # (..., w) levels of the last frames
    level: Tensor | None = None  # (...,) the running level


LARGEST = 65_536  # samples of a window
RATES = range(100, 1_000_001)  # Hz


@dataclass(frozen=True)
class LogMel(FrontEnd[Tensor, Tensor]):
    """Levels of mel bands: (log(power / level + floor) - mean) / std, of samples in -1..1.

    Args:
        sample_rate: samples per second of the waves.
        win_length, hop_length, n_fft: samples, as in ``spectrogram``.
        n_mels: bands, D.
        f_min, f_max: Hz, ends of the bands; ``None`` is sample_rate / 2.
        mean, std: of the logarithms, over the training data.
        floor: keeps the logarithm of silence finite, and faint noise out.
        levelling: "none" (level is 1, as of all cards before December 2026), "utterance" (one level
            for all frames: then its loudest part has power 1, all bands together), or "running".

    Raises:
        BadInput: for numbers that make no front end.

    >>> LogMel()(torch.zeros(2, 16000)).shape
    torch.Size([2, 98, 40])
    """

    sample_rate: int = 16000
    win_length: int = 400
    hop_length: int = 160
    n_fft: int = 512
    n_mels: int = 40
    f_min: float = 20.0
    f_max: float | None = None
    mean: float = 0.0
    std: float = 1.0
    floor: float = 1e-6
    levelling: str = "none"

    def __post_init__(self) -> None:
        if not (1 <= self.hop_length <= self.win_length <= self.n_fft and self.n_mels >= 1):
            raise BadInput(
                f"hop_length {self.hop_length}, win_length {self.win_length}, n_fft {self.n_fft}, "
                f"n_mels {self.n_mels}; expected hop_length <= win_length <= n_fft, all 1 or more"
            )
        if self.n_fft > LARGEST or self.n_mels > self.n_fft or self.sample_rate not in RATES:
            raise BadInput(
                f"n_fft {self.n_fft}, n_mels {self.n_mels}, sample_rate {self.sample_rate}; "
                f"expected n_fft up to {LARGEST}, n_mels up to n_fft, 100 to 1,000,000 Hz"
            )
        if not all(map(math.isfinite, (self.mean, self.std, self.floor, self.f_min))):
            raise BadInput("mean, std, floor and f_min must be finite")
        if not (self.std > 0 and self.floor > 0):
            raise BadInput(f"std {self.std}, floor {self.floor}; expected both above 0")
        if self.levelling not in LEVELLING:
            raise BadInput(f"levelling {self.levelling!r}; expected {' or '.join(LEVELLING)}")
        self._filters()  # its errors come now

    def __call__(self, wave: Tensor, frames: Tensor | None = None) -> Tensor:
        """Features (..., T, n_mels) of waves (..., n) at ``sample_rate``; T is ``frames(n)``.

        Frame t of a wave is the same whatever follows it in a padded batch.

        Args:
            frames: (...,) how many of each count, if the waves are padded.
        """
        return self.of_power(self.power(wave), frames)

    def power(self, wave: Tensor) -> Tensor:
        """Power of the bands (..., T, n_mels) in the frames of waves (..., n), not levelled."""
        spectrum = spectrogram(wave, self.win_length, self.hop_length, self.n_fft)  # (..., T, F)
        return spectrum @ self._filters().to(spectrum)

    def of_power(self, power: Tensor, frames: Tensor | None = None) -> Tensor:
        """Features (..., T, n_mels) of the power of whole waves; ``frames`` as of a call."""
        if self.levelling == "utterance":
            return self._normalised(power, self.loudness(power, frames)[..., None])
        if self.levelling == "running":
            levels = self._levels(power)
            slow = running(held(levels, self._width()), self.hop_seconds)
            return self._normalised(power, torch.maximum(slow, levels - ABOVE))
        return self._normalised(power)

    def loudness(self, power: Tensor, frames: Tensor | None = None) -> Tensor:
        """The level (...,) in dB of full scale of the loudest part of whole waves, by their power.

        -inf for digital silence; ``frames`` as of a call.
        """
        if not power.shape[-2]:
            return power.new_full(power.shape[:-2], -math.inf, dtype=torch.float64)
        levels = self._held(power)
        if frames is not None:
            later = torch.arange(levels.shape[-1], device=levels.device) >= frames[..., None]
            levels = levels.masked_fill(later, -math.inf)
        return levels.amax(-1)

    def _levels(self, power: Tensor) -> Tensor:
        """Level (..., T) of each frame in dB of full scale: of noise, of its root mean square."""
        return 10 * (power.double().sum(-1) / self._full_scale()).log10()

    def _held(self, power: Tensor) -> Tensor:
        return held(self._levels(power), self._width())

    def _normalised(self, power: Tensor, levels: Tensor | None = None) -> Tensor:
        """Features of power (..., T, D), and of its levels (..., T) in dB, if it is levelled."""
        if levels is not None:
            loud = 10 ** (levels.clamp(min=FAINTEST) / 10) * self._full_scale()
            power = power / loud.to(power)[..., None]
        return (torch.log(power + self.floor) - self.mean) / self.std

    def _full_scale(self) -> float:
        """Power in all bands together of noise whose samples have a mean square of 1."""
        hann_energy = 0.375 * self.win_length
        return hann_energy * self.n_fft / 2

    def _width(self) -> int:
        """How many frames a level is held by."""
        return max(1, round(HELD / self.hop_seconds))

    def _filters(self) -> Tensor:
        return _filters(self.sample_rate, self.n_fft, self.n_mels, self.f_min, self.f_max)

    def frames(self, n: int) -> int:
        """How many frames ``n`` samples give."""
        return frames(n, self.win_length, self.hop_length)

    @property
    def hop_seconds(self) -> float:
        """From one frame to the next."""
        return self.hop_length / self.sample_rate

    def level(self, features: Tensor) -> Tensor:
        """Loudness (..., T) of features (..., T, D): the power in all bands together, in dB."""
        return 10 / math.log(10) * (features * self.std + self.mean).logsumexp(-1)

    def stream(
        self, chunk: Tensor, state: StreamState | None = None
    ) -> tuple[Tensor, StreamState]:  # fmt: skip
        """The frames that a chunk (..., n) completes, and the state to give back next time.

        The features of all chunks, one after the other, are those of the whole wave.

        Raises:
            BadInput: with a level of the utterance; use ``stream_power``, then ``of_power``.
        """
        if self.levelling == "utterance":
            raise BadInput("the level of an utterance is known at its end: there is no stream")
        power, samples = self.stream_power(chunk, state and state.samples)
        if self.levelling == "none":
            return self._normalised(power), StreamState(samples)
        return self._levelled(power, StreamState(samples, *(state or (None,) * 3)[1:]))

    def stream_power(self, chunk: Tensor, samples: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The power of the frames that a chunk completes, and the samples to give back next time.

        Args:
            samples: what the last call gave back, of the same stream.
        """
        wave = chunk if samples is None else torch.cat([samples, chunk], -1)
        used = self.frames(wave.shape[-1]) * self.hop_length
        return self.power(wave), wave[..., used:].clone()  # a view would keep the whole chunk

    def _levelled(self, power: Tensor, state: StreamState) -> tuple[Tensor, StreamState]:
        if not power.shape[-2]:
            return self._normalised(power), state
        new, width = self._levels(power), self._width()
        levels = running(held(new, width, state.recent), self.hop_seconds, state.level)
        before = (
            new[..., :1].expand(*new.shape[:-1], width) if state.recent is None else state.recent
        )
        recent = torch.cat([before, new], -1)[..., -(width - 1) :] if width > 1 else new[..., :0]
        state = StreamState(state.samples, recent.clone(), levels[..., -1].clone())
        return self._normalised(power, torch.maximum(levels, new - ABOVE)), state

    def to_card(self) -> dict[str, Any]:
        """All of it, as JSON holds it."""
        return asdict(self)

    @classmethod
    def from_card(
        cls, record: Mapping[str, Any], vocabulary: Vocabulary | None = None
    ) -> "LogMel":  # fmt: skip
        """The reverse of ``to_card``; sound needs no vocabulary.

        Raises:
            BadFile: if it is no such record.
        """
        kinds = {field.name: field.type for field in fields(cls)}
        try:
            record = {"levelling": "none", **record}  # older cards
            if record.keys() != kinds.keys():
                raise ValueError(f"has {sorted(record)}; expected {sorted(kinds)}")
            integers = {name: int(record[name]) for name, kind in kinds.items() if kind is int}
            return cls(**(dict(record) | integers))
        except (AttributeError, TypeError, ValueError, ArithmeticError) as error:
            raise BadFile(f"the card's front end is not a LogMel: {error}") from error


@lru_cache(maxsize=16)
def _filters(
    sample_rate: int, n_fft: int, n_mels: int, f_min: float, f_max: float | None
) -> Tensor:
    with torch.inference_mode(False):  # else training could not use what predicting left here
        return mel_filters(sample_rate, n_fft, n_mels, f_min, f_max)
