"""Changes to training sound: noise at a given loudness, gain, speed, shifts, masks over features.

Noise is measured against the speech, in dB: the power of a wave is that of its active part, so that
silence around a word does not make the noise fainter. Speed: Ko et al. 2015, Interspeech, "Audio
augmentation for speech recognition", sec. 2 (0.9, 1, 1.1). Masks: Park et al. 2019, SpecAugment,
arXiv:1904.08779, sec. 2; its time warp, which gives the least there (sec. 5), is left out, and so
is reverberation.

Waves are (N, n) and changed all at once; every draw comes from the generator given, one per wave,
and the waves given are left as they are.

Deviations: a time mask stays inside its utterance's own length, of which it covers at most a share.
Speed is torchaudio's resampling by a ratio in hundredths: next to linear interpolation it costs
less here, and its error is tens of dB lower above 1 kHz.
Proof: tests/data/audio/test_augment.py.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from zoo.data.audio.read import resample
from zoo.errors import BadInput

FRAME = 160  # samples over which loudness is measured: 10 ms at 16 kHz
ACTIVE = 1e-3  # a frame is active if its power is at least this of the loudest frame's: -30 dB
FAINT = 1e-5  # the least level that is scaled: of digital silence
SILENT = 1e-12  # noise of this power or less is none: -120 dB, below what 16 bits hold


def active_power(waves: Tensor) -> Tensor:
    """The mean square of the active frames of waves (..., n): (...,), 0 for silence."""
    count = waves.shape[-1] // FRAME
    if not count:
        return waves.square().sum(-1) / max(1, waves.shape[-1])
    frames = waves[..., : count * FRAME].unflatten(-1, (count, FRAME)).square().mean(-1)
    active = frames >= ACTIVE * frames.amax(-1, keepdim=True)  # (..., T)
    return (frames * active).sum(-1) / active.sum(-1)


def mix(waves: Tensor, noise: Tensor, snr: Tensor | float) -> Tensor:
    """Waves (..., n) with noise (..., n) so loud that the speech is ``snr`` dB above it: (..., n).

    The speech's power is that of its active part, the noise's that of all of it. Where either is
    silent nothing is added. The sum may pass 1. For a padded batch: padding of zeros is silence.

    Args:
        snr: dB, one for all or (...,).
    """
    ratio = torch.as_tensor(10.0, dtype=waves.dtype) ** (torch.as_tensor(snr).to(waves) / 10)
    power = noise.square().mean(-1)
    wanted = active_power(waves) / ratio
    scale = torch.where(power > SILENT, wanted / power.clamp(min=SILENT), 0.0)
    return waves + scale.sqrt()[..., None] * noise


def add_noise(
    waves: Tensor, noise: Tensor, draw: torch.Generator, low: float = 0.0, high: float = 20.0
) -> Tensor:
    """Waves (N, n), each mixed with its own part of a noise (m,), ``low`` to ``high`` dB above it.

    The part begins anywhere; noise shorter than the waves is repeated.

    Raises:
        BadInput: for a noise without samples.
    """
    if noise.dim() != 1 or not len(noise):
        raise BadInput(f"a noise must be (m,) samples, got {tuple(noise.shape)}")
    count, length = waves.shape
    start = torch.randint(len(noise), (count, 1), generator=draw)
    at = ((start + torch.arange(length)) % len(noise)).to(noise.device)
    return mix(waves, noise[at].to(waves), _between(low, high, count, draw))


def coloured(shape: Sequence[int], slope: Tensor | float, draw: torch.Generator) -> Tensor:
    """Noise (..., n) whose power falls with frequency to the power of ``slope``; level 1.

    White noise has a slope of 0, pink 1, brown 2. Below a 400th of the rate it is flat: 40 Hz of
    16 kHz, under which no speech lies.

    Args:
        slope: one for all or (..., 1).

    >>> coloured((2, 8), 1.0, torch.Generator().manual_seed(0)).square().mean(1).round(decimals=4)
    tensor([1., 1.])
    """
    size = shape[-1]
    spectrum = torch.fft.rfft(torch.randn(*shape, generator=draw))
    f = torch.arange(spectrum.shape[-1]).clamp(min=max(size // 400, 1))
    return scaled(torch.fft.irfft(spectrum * f.float() ** (-slope / 2), size))


def scaled(waves: Tensor) -> Tensor:
    """Waves (..., n) with a level (root of the mean power) of 1; silence stays silence."""
    return waves / waves.square().mean(-1, keepdim=True).sqrt().clamp(min=FAINT)


def gain(waves: Tensor, draw: torch.Generator, low: float = -12.0, high: float = 6.0) -> Tensor:
    """Waves (N, n), each louder by ``low`` to ``high`` dB (softer below 0). They may pass 1."""
    decibels = _between(low, high, len(waves), draw)
    return waves * (10 ** (decibels / 20)).to(waves)[:, None]


def shift(waves: Tensor, draw: torch.Generator, most: int) -> Tensor:
    """Waves (N, n), each moved later or earlier by at most ``most`` samples; zeros come in."""
    count, length = waves.shape
    by = torch.randint(-most, most + 1, (count, 1), generator=draw)
    at = torch.arange(length) - by  # (N, n), where each sample comes from
    inside = ((at >= 0) & (at < length)).to(waves.device)
    moved = waves.gather(1, at.clamp(0, max(0, length - 1)).to(waves.device))
    return torch.where(inside, moved, 0.0)


def speed(wave: Tensor, percent: int) -> Tensor:
    """A wave (..., n) played at ``percent`` of its speed, and pitch: (..., ceil(100 n / percent)).

    Raises:
        BadInput: unless the percentage is 50 to 200.
        Missing: as ``zoo.data.audio.read.resample``.
    """
    if not 50 <= percent <= 200:
        raise BadInput(f"a speed of {percent} percent; expected 50 to 200")
    return resample(wave, percent, 100)


def spec_augment(
    features: Tensor,
    lengths: Tensor,
    draw: torch.Generator,
    time_masks: int = 2,
    time_width: int = 40,
    time_share: float = 0.2,
    band_masks: int = 2,
    band_width: int = 8,
) -> Tensor:
    """Features (N, T, D) with some stretches of time and some bands set to zero, which is the mean.

    Args:
        lengths: (N,) frames of each utterance; masks stay inside them.
        time_masks, time_width: how many, and the most frames that one covers, ...
        time_share: ... which are at most this share of the utterance (p of sec. 2).
        band_masks, band_width: the same for the D bands.

    Raises:
        BadInput: if there are more masked bands than bands, or lengths are not (N,).
    """
    count, time, bands = features.shape
    if lengths.shape != (count,) or band_width > bands:
        raise BadInput(
            f"features {tuple(features.shape)}, lengths {tuple(lengths.shape)}, masks of "
            f"{band_width} bands; expected a length for each and at most {bands} bands"
        )
    lengths = lengths.cpu().clamp(max=time)
    widest = (lengths * time_share).long().clamp(max=time_width)
    whole, wide = torch.full((count,), bands), torch.full((count,), band_width)
    times = _stretches(lengths, widest, time_masks, time, draw)  # (N, T)
    rows = _stretches(whole, wide, band_masks, bands, draw)  # (N, D)
    masked = times[:, :, None] | rows[:, None]
    return features.masked_fill(masked.to(features.device), 0.0)


def _stretches(
    lengths: Tensor, widest: Tensor, masks: int, size: int, draw: torch.Generator
) -> Tensor:
    """Which of ``size`` places are masked: (N, size); widths are even over 0..widest."""
    drawn = torch.rand(2, len(lengths), masks, dtype=torch.float64, generator=draw)
    width = (drawn[0] * (widest + 1)[:, None]).long()  # (N, masks)
    start = (drawn[1] * (lengths[:, None] - width + 1)).long()
    at = torch.arange(size)[:, None]
    return ((at >= start[:, None]) & (at < (start + width)[:, None])).any(-1)


def _between(low: float, high: float, count: int, draw: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=draw)
