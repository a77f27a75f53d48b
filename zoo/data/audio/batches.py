"""From utterances to padded features, with the changes that training makes to them.

Features are computed of each wave as if it were alone: the front end looks at no sample beyond the
end of an utterance but for frames that its length leaves out (facts of center=True, where the
padding leaks into the last frames, do not arise). Proof: tests/data/audio/test_batches.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.data.audio.augment import coloured, gain, mix, speed
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.spec_augment import spec_augment
from zoo.data.audio.utterances import Utterances
from zoo.errors import BadInput

SPEEDS = 9  # different ones, evenly over the range
LOUDEST_TO_SOFTEST = 40.0  # dB: how far the noises of a run lie apart
STEEPEST = 2.0  # their slopes lie between 0, white, and this
ALONE = -20.0  # dB of full scale: of the speech that is not there


@dataclass(frozen=True)
class Augmentation:
    """What happens to an utterance on its way into a batch; nothing by default."""

    speed: int = 0  # faster or slower by up to so many percent
    gain: float = 0.0  # louder or softer by up to so many dB
    min_snr: float | None = None  # dB; with noise: from this ratio to 40 dB more
    freq_mask: int = 0  # two masks of up to so many neighbouring bands
    time_mask: int = 0  # two of up to so many neighbouring frames, at most a tenth of the utterance

    def __post_init__(self) -> None:
        if not 0 <= self.speed <= 50:
            raise BadInput(f"speed must lie between 0 and 50 percent, got {self.speed}")
        if min(self.gain, self.freq_mask, self.time_mask) < 0:
            got = f"gain={self.gain}, freq_mask={self.freq_mask}, time_mask={self.time_mask}"
            raise BadInput(f"changes must not be negative, got {got}")


def padded(waves: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Waves (n_i,) as (N, n) with zeros behind them, and their lengths (N,)."""
    lengths = torch.tensor([len(wave) for wave in waves])
    return torch.nn.utils.rnn.pad_sequence(list(waves), batch_first=True), lengths


def features(
    waves: Tensor, lengths: Tensor, front_end: LogMel, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Features (N, T, D) of padded waves (N, n), and how many frames of each are its own (N,)."""
    frames = torch.tensor([front_end.frames(n) for n in lengths.tolist()])
    return front_end(waves.to(device)), frames.to(device)


def augmented(
    part: Utterances, changes: Augmentation, draws: torch.Generator, front_end: LogMel
) -> tuple[Tensor, Tensor]:
    """Features (N, T, D) of all of ``part``, each utterance changed at random, and their lengths.

    The speed is drawn once for all of them.
    """
    waves, lengths = padded([part.wave(i) for i in range(len(part))])
    if changes.speed:
        step = int(torch.randint(SPEEDS, (1,), generator=draws)) / (SPEEDS - 1)
        percent = round(100 - changes.speed + 2 * changes.speed * step)
        waves, lengths = speed(waves, percent), (100 * lengths + percent - 1) // percent
    if changes.min_snr is not None:
        waves = noisy(waves, changes.min_snr, draws)
    if changes.gain:
        waves = gain(waves, draws, -changes.gain, changes.gain)
    found, frames = features(waves, lengths, front_end, waves.device)
    if changes.freq_mask or changes.time_mask:
        found = spec_augment(
            found,
            frames,
            draws,
            time_mask=changes.time_mask,
            time_share=0.1,
            freq_mask=changes.freq_mask,
        )
    return found, frames


def noisy(waves: Tensor, loudest: float, draws: torch.Generator) -> Tensor:
    """Waves (N, n), each with noise of its own colour, ``loudest`` dB softer than it or more.

    In silence noise is as loud as if there were speech of ALONE dB.
    """
    softer = loudest + LOUDEST_TO_SOFTEST * torch.rand(len(waves), generator=draws)
    slope = STEEPEST * torch.rand(len(waves), 1, generator=draws)
    noise = coloured(waves.shape, slope, draws)
    alone = noise * 10 ** ((ALONE - softer) / 20)[:, None]
    return torch.where(waves.any(1, keepdim=True), mix(waves, noise, softer), alone)
