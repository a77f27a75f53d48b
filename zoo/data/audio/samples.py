"""Sound as people have it in memory: arrays and tensors with their rate, in one rule for all.

One sound is a file (its path, or the bytes of it); samples with ``rate=``; a pair of samples and
rate in either order (scipy returns the rate first); or a dictionary with "array" and
"sampling_rate", as Hugging Face's data sets have. Samples without their rate are refused: nothing
in them tells how fast they are.

Samples are (n,), or (n, channels) or (channels, n), where channels are CHANNELS at most and n is
more; the channels are averaged. Integers are scaled by their type, unsigned bytes lie around 128,
as in wav files; floats are in -1..1, or OVERSHOOT beyond, as decoders and resampling leave them.
Proof: tests/data/audio/test_samples.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from zoo.data.audio.formats import RATES, RATES_SAID
from zoo.data.audio.read import blocks, resample
from zoo.errors import BadInput

CHANNELS = 8  # at most; what is longer than this is time
OVERSHOOT = 1.5  # the largest float that is still taken as in -1..1
FULL_SCALE = {torch.int8: 2.0**7, torch.int16: 2.0**15, torch.int32: 2.0**31}
EXAMPLE = "predictor(samples, rate=16000)"
KINDS = "expected floats in -1..1, or integers of 8, 16 or 32 bits"
EXPECTED = f"a sound file, or samples with their rate: {EXAMPLE}"


class Samples(NamedTuple):
    """A wave in memory."""

    wave: Tensor  # (n,) float32 in -1..1
    rate: int  # Hz


def are_many(raw: Any) -> bool:
    """Whether ``raw`` is a list or tuple of sounds, and not one as a pair of samples and rate."""
    return isinstance(raw, list | tuple) and not _is_pair(raw)


def sound_blocks(
    raw: Any, target: int, seconds: float, rate: int | None = None
) -> Iterable[Tensor]:  # fmt: skip
    """One sound of any of these kinds in blocks (m,) of so many seconds at ``target`` Hz.

    Args:
        rate: of samples that come without it, in Hz.

    Raises:
        BadInput: for samples without rate or out of scale, another shape or type, a rate that is
            none, and for ``rate`` together with a sound that has its own.
        Missing, BadFile: for a file, as ``zoo.data.audio.read.blocks``.
    """
    if isinstance(raw, str | Path | bytes):
        if rate is not None:
            raise BadInput(f"rate={rate} is for samples in memory; a sound file has its own rate")
        return blocks(raw, target, seconds)
    wave, own = samples(raw, rate)
    return resample(wave, own, target).split(max(round(seconds * target), 1))


def samples(raw: Any, rate: int | None = None) -> Samples:
    """Samples in memory with their rate as a wave; arguments and errors as of ``sound_blocks``."""
    array, own = _parts(raw)
    if rate is not None and own is not None and own != rate:
        raise BadInput(f"the sound says {own!r} samples a second, rate= says {rate!r}; give one")
    rate = own if rate is None else rate
    wave = as_wave(array)
    if rate is None:
        raise BadInput(
            f"{len(wave):,} samples do not tell how many are a second; expected {EXAMPLE}"
        )
    return Samples(wave, _checked_rate(rate))


def as_wave(array: Any) -> Tensor:
    """An array or tensor of samples as a wave (n,), float32 in -1..1.

    Raises:
        BadInput: as ``sound_blocks``, but for the rate.
    """
    if not isinstance(array, Tensor):
        array = _as_tensor(array)
    array = _mono(_scaled(array.detach().cpu()))
    if not bool(array.isfinite().all()):
        at = int((~array.isfinite()).nonzero()[0])
        raise BadInput(f"sample {at:,} is {float(array[at])}; expected finite numbers in -1..1")
    peak = float(array.abs().max()) if len(array) else 0.0
    if peak > OVERSHOOT:
        raise BadInput(
            f"floats up to {peak:.6g} are no sound in -1..1; divide by the full scale (32768 for "
            "16 bits), or give integers of their own type"
        )
    return array


def checked_blocks(given: Iterable[Any]) -> Iterator[Tensor]:
    """Blocks (m,) of live sound as waves.

    Raises:
        BadInput: as ``as_wave``; for several channels, since a block may be as short as these.
    """
    for block in given:
        if isinstance(block, Tensor | np.ndarray) and block.ndim != 1:
            raise BadInput(f"a block must be (m,) samples, got {tuple(block.shape)}")
        yield as_wave(block)


def _is_pair(raw: Any) -> bool:
    return isinstance(raw, tuple) and len(raw) == 2 and sum(map(_is_number, raw)) == 1


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float | np.integer | np.floating)


def _parts(raw: Any) -> tuple[Any, Any]:
    """The array of one sound, and its rate if it comes with it."""
    if _is_pair(raw):
        array, rate = raw if _is_number(raw[1]) else (raw[1], raw[0])
        return array, rate
    if isinstance(raw, Mapping):
        if "array" not in raw or "sampling_rate" not in raw:
            keys = ", ".join(map(str, raw)) or "nothing"
            raise BadInput(f"expected a dictionary with array and sampling_rate, got {keys}")
        return raw["array"], raw["sampling_rate"]
    return raw, None


def _checked_rate(rate: Any) -> int:
    if not (_is_number(rate) and RATES[0] <= rate <= RATES[-1] and rate == int(rate)):
        raise BadInput(f"rate {rate!r}; expected samples a second, {RATES_SAID}")
    return int(rate)


def _as_tensor(array: Any) -> Tensor:
    if not isinstance(array, np.ndarray):
        raise BadInput(f"expected {EXPECTED}; got {type(array).__name__}")
    try:
        return torch.from_numpy(np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="))))
    except TypeError as error:
        raise BadInput(f"samples of type {array.dtype} are not known; {KINDS}") from error


def _scaled(array: Tensor) -> Tensor:
    """Samples of any known type as float32."""
    if array.is_floating_point():
        return array.float()
    if array.dtype == torch.uint8:
        return (array.float() - 128) / 128
    if array.dtype not in FULL_SCALE:
        kind = str(array.dtype).removeprefix("torch.")
        raise BadInput(f"{kind} samples do not tell their full scale; {KINDS}")
    return array.float() / FULL_SCALE[array.dtype]


def _mono(array: Tensor) -> Tensor:
    """Samples (n,), (n, channels) or (channels, n) as (n,), the mean of the channels."""
    if array.dim() == 1:
        return array
    few = [1 <= size <= CHANNELS for size in array.shape]
    if array.dim() != 2 or few[0] == few[1]:
        raise BadInput(
            f"samples must be (n,), (n, channels) or (channels, n) with at most {CHANNELS} "
            f"channels and more samples, got {tuple(array.shape)}"
        )
    return array.mean(0 if few[0] else 1)
