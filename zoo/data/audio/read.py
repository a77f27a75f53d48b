"""Sound in and out: waves in memory or in blocks, and resampling.

A wave is (n,) float32, mono, in -1..1 (decoders and resampling may overshoot a little). Resampling
is torchaudio's windowed sinc; where the reduced ratio of the rates has large terms, the same filter
of zoo/ops/resampling.py is used. A block needs a few samples of its neighbours, so blocks are
resampled with overlap and equal the resampled wave.
torchaudio is imported here and nowhere else, and only when a rate has to be changed: its last
release refuses to load with other versions of torch.

Proof: tests/data/audio/test_read.py (blocks against waves; bad files; constant memory).
"""

import wave as pcm
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import ceil, gcd
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from zoo.data.audio.formats import Source, from_pcm, opened
from zoo.errors import BadFile, BadInput, Missing
from zoo.files import atomic
from zoo.ops.resampling import ROLLOFF, ZEROS, reach, sinc_resample

PIECE = 1 << 16  # samples that are read and resampled at once; making the filter costs time too
MOST = 1 << 27  # samples of a wave in memory: 512 MiB
LARGEST = 1 << 21  # weights of torchaudio's filter: 8 MB


def read(
    source: Source, rate: int | None = None, offset: float = 0.0, duration: float | None = None
) -> tuple[Tensor, int]:
    """A sound file, or the bytes of one, or a segment of it, as a wave and its rate.

    Args:
        rate: Hz to resample to; ``None`` keeps the file's.
        offset: seconds that are passed over, by a seek where the format has one.
        duration: seconds that follow, or fewer where the file ends; by default all.

    Returns:
        (n,) float32, the mean of the channels, and its samples per second.

    Raises:
        Missing, BadFile: as zoo/data/audio/formats.py says.
        BadInput, Missing: as ``resample``.
    """
    with opened(source) as sound:
        count = None if duration is None else round(duration * sound.rate)
        pieces = list(_bounded(sound.name, sound.pieces(PIECE, round(offset * sound.rate), count)))
        wave = torch.cat(pieces) if pieces else torch.zeros(0)
        if rate is None:
            return wave, sound.rate
        return resample(wave, sound.rate, rate), rate


def _bounded(name: str, pieces: Iterable[Tensor]) -> Iterator[Tensor]:
    """The pieces; a flac of silence unpacks to thousands of times its size."""
    samples = 0
    for piece in pieces:
        samples += len(piece)
        if samples > MOST:
            raise BadFile(
                f"{name} has more than {MOST:,} samples, 46 minutes at 48,000 a second; cut it"
            )
        yield piece


def blocks(source: Source, rate: int, seconds: float = 1.0) -> Iterator[Tensor]:
    """The wave that ``read(source, rate)`` gives, in blocks of so many seconds, the last shorter.

    Memory is constant, whatever the length of the file. An error in a sample is raised at most
    ``PIECE`` samples before its block.

    Raises:
        Missing, BadFile, BadInput: as ``read``.
    """
    size = _samples(seconds, rate)
    with opened(source) as sound:
        yield from _even(resampled(sound.pieces(PIECE), sound.rate, rate), size)


def raw_blocks(stream: IO[bytes], rate: int, seconds: float = 0.1) -> Iterator[Tensor]:
    """Blocks (m,) of raw mono PCM of 16 bits, little endian, as it comes from a microphone or pipe.

    A block is yielded as soon as it is complete; the last may be shorter, and half a sample at the
    end is dropped.
    """
    size = 2 * _samples(seconds, rate)
    held = b""
    while data := stream.read(size - len(held)):
        held += data
        if len(held) == size:
            yield torch.from_numpy(from_pcm(held, 2)[:, 0])
            held = b""
    if len(held) > 1:
        yield torch.from_numpy(from_pcm(held, 2)[:, 0])


def resample(wave: Tensor, old: int, new: int) -> Tensor:
    """A wave (..., n) at ``old`` samples a second as (..., ceil(n new / old)) at ``new``.

    Raises:
        BadInput: for rates that are not positive.
        Missing: if torchaudio cannot be imported.
    """
    o, n = _ratio(old, new)
    if o == n:
        return wave
    if o * n > LARGEST:
        return sinc_resample(wave, o, n)
    resampler = _torchaudio(old, new, wave.dtype)
    made: Tensor = resampler(wave) if wave.numel() else wave
    return made


def write(path: str | Path, wave: Tensor, rate: int) -> None:
    """Write a wave (n,) as a mono wav of 16 bits; what is beyond -1..1 is clipped.

    Raises:
        BadInput: for another shape, or samples that are not finite.
        CannotWrite: if the disk is full or the folder read-only.
    """
    if wave.dim() != 1 or not wave.is_floating_point():
        raise BadInput(f"a wave to write must be (n,) floats, got {tuple(wave.shape)} {wave.dtype}")
    if not wave.isfinite().all():
        raise BadInput("a wave to write has samples that are not finite")
    samples = (wave.detach().cpu().double() * 32768).round().clamp(-32768, 32767).short()
    with atomic(Path(path)) as file, pcm.open(file, "wb") as out:
        out.setparams((1, 2, rate, len(samples), "NONE", "not compressed"))
        out.writeframes(samples.numpy().astype("<i2").tobytes())


def _ratio(old: int, new: int) -> tuple[int, int]:
    if old < 1 or new < 1:
        raise BadInput(f"cannot resample from {old} to {new} Hz; rates are above 0")
    return old // gcd(old, new), new // gcd(old, new)


def resampled(pieces: Iterable[Tensor], old: int, new: int) -> Iterator[Tensor]:
    """Pieces of a wave, resampled; together they are the resampled wave.

    ``o`` samples become ``n``. A group of o samples can be resampled when the samples within the
    reach of the filter are there too, ``apart`` groups on either side.
    """
    o, n = _ratio(old, new)
    if o == n:
        yield from pieces
        return
    apart = ceil((reach(o, n) + 1) / o)
    held, done = torch.zeros(0), 0  # done: groups at the start of held that were yielded
    for piece in pieces:
        held = torch.cat([held, piece])
        ready = len(held) // o - apart
        if ready > done:
            yield resample(held[: (ready + apart) * o], o, n)[done * n : ready * n]
            drop = max(ready - apart, 0)
            held, done = held[drop * o :].clone(), ready - drop
    yield resample(held, o, n)[done * n :]


def _even(pieces: Iterable[Tensor], size: int) -> Iterator[Tensor]:
    """Pieces of any sizes as pieces of one size; the last is shorter."""
    held = torch.zeros(0)
    for piece in pieces:
        held = torch.cat([held, piece])
        complete = len(held) - len(held) % size
        if complete:
            yield from held[:complete].split(size)
            held = held[complete:]
    if len(held):
        yield held


def _samples(seconds: float, rate: int) -> int:
    if not seconds * rate >= 1:
        raise BadInput(f"blocks of {seconds} s at {rate} Hz; expected at least one sample")
    return round(seconds * rate)


def _torchaudio(old: int, new: int, dtype: torch.dtype) -> Any:
    o, n = _ratio(old, new)
    try:
        return _resampler(o, n, dtype)
    except (ImportError, RuntimeError, OSError) as error:  # it refuses some versions of torch
        reason = str(error).strip().split("\n")[0]
        raise Missing(
            f"resampling from {old} to {new} Hz needs torchaudio, which does not import "
            f"({reason}); install the torchaudio of this torch, or give sound of {new} Hz"
        ) from error


@lru_cache(maxsize=64)  # live sound comes in blocks, and making the filter takes longer than one
def _resampler(o: int, n: int, dtype: torch.dtype) -> Any:
    from torchaudio.transforms import Resample

    return Resample(o, n, lowpass_filter_width=ZEROS, rolloff=ROLLOFF, dtype=dtype)
