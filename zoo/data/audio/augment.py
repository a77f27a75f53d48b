"""Changes to training sound: noise at a given loudness, gain, speed, shifts.

Noise is measured against the speech, in dB: the power of a wave is that of its active part, so that
silence around a word does not make the noise fainter. Speed: Ko et al. 2015, Interspeech, "Audio
augmentation for speech recognition", sec. 2 (0.9, 1, 1.1). Masks over features:
zoo/data/audio/spec_augment.py. Reverberation is left out.

Waves are (N, n) and changed all at once; every draw comes from the generator given, one per wave,
and the waves given are left as they are.

Deviations: speed is torchaudio's resampling by a ratio in hundredths: next to linear interpolation
it costs less here, and its error is tens of dB lower above 1 kHz.
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


def tilted(features: Tensor, most: float, draw: torch.Generator) -> Tensor:
    """Features (N, T, D) with a slope over the bands, as of another microphone.

    Args:
        most: what is added to the last band and taken off the first, or the reverse, at most.
    """
    slope = torch.linspace(-1, 1, features.shape[2]) * most
    return features + slope * (2 * torch.rand(len(features), 1, 1, generator=draw) - 1)


def _between(low: float, high: float, count: int, draw: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=draw)
