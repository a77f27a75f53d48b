"""Log-mel features of sound: the front end of speech recognition and of trigger words.

They can be made of a stream: frame t sees its own samples only (zoo/ops/audio.py), and the
normalisation is fixed. Proof: tests/data/audio/test_log_mel.py (torchaudio; streams; batches).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from zoo.data.front_end import FrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.ops.audio import frames, spectrogram
from zoo.ops.mel import mel_filters


@dataclass(frozen=True)
class LogMel(FrontEnd[Tensor, Tensor]):
    """Levels of mel bands, with a fixed normalisation: the same for a whole wave and for chunks.

    (log(power + floor) - mean) / std, natural logarithm, of samples in -1..1.

    Args:
        sample_rate: samples per second of the waves.
        win_length, hop_length, n_fft: samples, as in ``spectrogram``.
        n_mels: bands, D.
        f_min, f_max: Hz, ends of the bands; ``None`` is sample_rate / 2.
        mean, std: of the logarithms, over the training data.
        floor: keeps the logarithm of silence finite, and faint noise out.

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

    def __post_init__(self) -> None:
        if not (1 <= self.hop_length <= self.win_length <= self.n_fft and self.n_mels >= 1):
            raise BadInput(
                f"hop_length {self.hop_length}, win_length {self.win_length}, n_fft {self.n_fft}, "
                f"n_mels {self.n_mels}; expected hop_length <= win_length <= n_fft, all 1 or more"
            )
        if not (self.std > 0 and self.floor > 0):
            raise BadInput(f"std {self.std}, floor {self.floor}; expected both above 0")
        self._filters()  # its errors come now

    def __call__(self, wave: Tensor) -> Tensor:
        """Features (..., T, n_mels) of waves (..., n) at ``sample_rate``; T is ``frames(n)``.

        Frame t of a wave is the same whatever follows it in a padded batch.
        """
        power = spectrogram(wave, self.win_length, self.hop_length, self.n_fft)  # (..., T, F)
        return (torch.log(power @ self._filters().to(power) + self.floor) - self.mean) / self.std

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

    def stream(self, chunk: Tensor, tail: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The frames that a chunk (..., n) completes, and the samples to give back next time.

        The features of all chunks, one after the other, are those of the whole wave.
        """
        wave = chunk if tail is None else torch.cat([tail, chunk], -1)
        used = self.frames(wave.shape[-1]) * self.hop_length
        return self(wave), wave[..., used:].clone()  # a view would keep the whole chunk

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
            if record.keys() != kinds.keys():
                raise ValueError(f"has {sorted(record)}; expected {sorted(kinds)}")
            integers = {name: int(record[name]) for name, kind in kinds.items() if kind is int}
            return cls(**(dict(record) | integers))
        except (AttributeError, TypeError, ValueError) as error:
            raise BadFile(f"the card's front end is not a LogMel: {error}") from error


@lru_cache(maxsize=16)
def _filters(
    sample_rate: int, n_fft: int, n_mels: int, f_min: float, f_max: float | None
) -> Tensor:
    with torch.inference_mode(False):  # else training could not use what predicting left here
        return mel_filters(sample_rate, n_fft, n_mels, f_min, f_max)
