"""From utterances to padded batches of features, with data augmentation in training.

The features of a wave do not depend on the others of its batch: no frame that counts contains
padding (with center=True the padding would leak into the last frames).
Proof: tests/data/audio/test_batches.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.data.audio.augment import SILENT, active_power, coloured, gain, mix, speed
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.loudness import FAINTEST
from zoo.data.audio.spec_augment import spec_augment
from zoo.data.audio.utterances import FULL, Utterances
from zoo.errors import BadInput

SPEEDS = 9  # different ones, evenly spaced over the range
LOUDEST_TO_SOFTEST = 40.0  # dB: range of the noise
STEEPEST = 2.0  # the slope of the noise is between 0 (white) and this
ALONE = -20.0  # dB of full scale: the level of speech that noise in silence is relative to
LOUD = -20.0  # dB of full scale: the level of speech in a loud recording


@dataclass(frozen=True)
class Augmentation:
    """How utterances are augmented; by default not at all."""

    speed: int = 0  # percent: faster or slower by up to this
    gain: float = 0.0  # dB: louder or softer by up to this; nothing to a front end that levels
    softest: float | None = (
        None  # dB of full scale: rounded to 16 bits at this level, or up to LOUD
    )
    min_snr: float | None = None  # dB: with noise at this ratio, or up to 40 dB more
    freq_mask: int = 0  # two masks of up to this many bands
    time_mask: int = 0  # two of up to this many frames, at most a tenth of the utterance

    def __post_init__(self) -> None:
        if not 0 <= self.speed <= 50:
            raise BadInput(f"speed must lie between 0 and 50 percent, got {self.speed}")
        if min(self.gain, self.freq_mask, self.time_mask) < 0:
            got = f"gain={self.gain}, freq_mask={self.freq_mask}, time_mask={self.time_mask}"
            raise BadInput(f"augmentation must not be negative, got {got}")
        if self.softest is not None and not FAINTEST <= self.softest <= LOUD:
            raise BadInput(f"softest must be {FAINTEST} to {LOUD} dB, got {self.softest}")


def padded(waves: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Waves (n_i,) as (N, n), padded with zeros, and their lengths (N,)."""
    lengths = torch.tensor([len(wave) for wave in waves])
    return torch.nn.utils.rnn.pad_sequence(list(waves), batch_first=True), lengths


def features(
    waves: Tensor, lengths: Tensor, front_end: LogMel, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Features (N, T, D) of padded waves (N, n), and the number of frames of each (N,)."""
    frames = torch.tensor([front_end.frames(n) for n in lengths.tolist()])
    frames = frames.to(device)
    return front_end(waves.to(device), frames), frames


def augmented(
    part: Utterances, augmentation: Augmentation, draws: torch.Generator, front_end: LogMel
) -> tuple[Tensor, Tensor]:
    """Features (N, T, D) of all of ``part``, each utterance augmented, and their lengths.

    All have the same speed.
    """
    waves, lengths = padded([part.wave(i) for i in range(len(part))])
    if augmentation.speed:
        step = int(torch.randint(SPEEDS, (1,), generator=draws)) / (SPEEDS - 1)
        percent = round(100 - augmentation.speed + 2 * augmentation.speed * step)
        waves, lengths = speed(waves, percent), (100 * lengths + percent - 1) // percent
    if augmentation.min_snr is not None:
        waves = noisy(waves, augmentation.min_snr, draws)
    if augmentation.gain:
        waves = gain(waves, draws, -augmentation.gain, augmentation.gain)
    if augmentation.softest is not None:
        waves = softened(waves, augmentation.softest, draws)
    found, frames = features(waves, lengths, front_end, waves.device)
    if augmentation.freq_mask or augmentation.time_mask:
        found = spec_augment(
            found,
            frames,
            draws,
            time_mask=augmentation.time_mask,
            time_share=0.1,
            freq_mask=augmentation.freq_mask,
        )
    return found, frames


def noisy(waves: Tensor, min_snr: float, draws: torch.Generator) -> Tensor:
    """Waves (N, n), each with noise of some colour, at a ratio of ``min_snr`` dB or more.

    In silence the noise is as loud as if there were speech at ALONE dB.
    """
    snr = min_snr + LOUDEST_TO_SOFTEST * torch.rand(len(waves), generator=draws)
    slope = STEEPEST * torch.rand(len(waves), 1, generator=draws)
    noise = coloured(waves.shape, slope, draws)
    alone = noise * 10 ** ((ALONE - snr) / 20)[:, None]
    return torch.where(waves.any(1, keepdim=True), mix(waves, noise, snr), alone)


def softened(waves: Tensor, softest: float, draws: torch.Generator) -> Tensor:
    """Waves (N, n) as 16-bit samples of speech whose level is ``softest`` to LOUD dB of full scale.

    The softer a recording, the coarser it is: levelling does not bring back what was rounded off.
    """
    levels = softest + (LOUD - softest) * torch.rand(len(waves), generator=draws)
    scale = 10 ** (levels / 20) / active_power(waves).clamp(min=SILENT).sqrt()
    return (waves * scale[:, None] * FULL).round() / FULL
