"""Sound files, opened and read in pieces: wav of any kind, flac, ogg, mp3.

soundfile (libsndfile) decodes; where it is not installed, Python's own ``wave`` reads PCM wav files
of 8, 16, 24 and 32 bits to the same samples. torchaudio.load is not used: it needs torchcodec and
FFmpeg.

What is wrong with a file is said in one line: what is no sound, what is cut short (a wav or flac
that holds fewer samples than its header promises; ogg and mp3 do not promise any), samples that are
no numbers, or that are not scaled to -1..1. A wav whose header leaves the length open, as programs
that write to a pipe do, is read to its end. No samples at all are an empty wave.

Proof: tests/data/test_audio.py.
"""

import io
import wave as pcm
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

from zoo.errors import BadFile, Missing

Array = np.ndarray[Any, Any]
Source = str | Path | bytes
FORMATS = "wav, flac, ogg or mp3"
OPEN_END = 0x7FFF0000  # a wav's data of this size or more, or of size 0: its length is not known
SLACK = 64  # bytes: some writers count bytes of the header in
LOUDEST = 16.0  # decoders overshoot 1 by a little; integers kept as floats by thousands
RATES = range(1000, 1_000_001)  # Hz


@dataclass(frozen=True)
class Sound:
    """An open sound file."""

    name: str
    rate: int  # Hz
    take: Callable[[int], Array]  # the next samples, at most so many: (n, channels) float32

    def pieces(self, size: int) -> Iterator[Tensor]:
        """All samples, ``size`` at a time: (m,) float32, the mean of the channels.

        Raises:
            BadFile: where the file is damaged, or its samples are not finite or not scaled.
        """
        done = 0
        while True:
            try:
                part = self.take(size)
            except (RuntimeError, pcm.Error, EOFError) as error:
                raise _unreadable(self.name, error) from error
            if not len(part):
                return
            mono = part[:, 0].copy() if part.shape[1] == 1 else part.mean(1)
            yield torch.from_numpy(self._checked(mono, done))
            done += len(part)

    def _checked(self, mono: Array, done: int) -> Array:
        peak = float(np.abs(mono).max())  # NaN if there is one
        if peak <= LOUDEST:
            return mono
        at = int(np.argmax(~(np.abs(mono) <= LOUDEST)))
        where = f"{self.name}: sample {done + at:,} (at {(done + at) / self.rate:.3f} s)"
        if not np.isfinite(mono[at]):
            raise BadFile(f"{where} is {mono[at]}; expected numbers; write the file anew")
        raise BadFile(f"{where} is {mono[at]:.6g}; expected -1 to 1; divide by the full scale")


@contextmanager
def opened(source: Source) -> Iterator[Sound]:
    """A sound file, or the bytes of one.

    Raises:
        Missing: if there is no such file, or it needs soundfile, which is not installed.
        BadFile: for a folder, an empty file, what is no sound, what is cut short.
    """
    name = "the sound" if isinstance(source, bytes) else str(source)
    with _binary(source, name) as file:
        head = file.read(12)
        if not head:
            raise BadFile(f"{name} is empty; expected {FORMATS}")
        if head[:4] == b"RIFF" and head[8:] == b"WAVE":
            _refuse_cut(file, name)
        file.seek(0)
        with _decoder(file, name, head) as sound:
            if sound.rate not in RATES:
                raise BadFile(f"{name}: {sound.rate} samples a second; expected 1,000 or more")
            yield sound


@contextmanager
def _binary(source: Source, name: str) -> Iterator[IO[bytes]]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - closed below
    except FileNotFoundError as error:
        raise Missing(f"there is no file {name}") from error
    except IsADirectoryError as error:
        raise BadFile(f"{name} is a folder; expected a sound file ({FORMATS})") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise BadFile(f"cannot open {name}: {getattr(error, 'strerror', None) or error}") from error
    with file:
        yield file


def _refuse_cut(file: IO[bytes], name: str) -> None:
    """Raises ``BadFile`` for a wav that ends before its sound does."""
    end = file.seek(0, io.SEEK_END)
    at = 12
    while at + 8 <= end:
        file.seek(at)
        kind, size = file.read(4), int.from_bytes(file.read(4), "little")
        if kind == b"data":
            there = end - at - 8
            if there + SLACK < size < OPEN_END:
                raise BadFile(
                    f"{name} is cut short: {there:,} of the {size:,} bytes of sound that its "
                    "header promises; copy it again"
                )
            return
        at += 8 + size + size % 2
    raise BadFile(f"{name} is cut short: a wav header without sound after it; copy it again")


@contextmanager
def _decoder(file: IO[bytes], name: str, head: bytes) -> Iterator[Sound]:
    try:
        import soundfile  # late: a core dependency, but wav files can do without
    except (ImportError, OSError):  # OSError: libsndfile itself is missing
        with _standard(file, name, head) as sound:
            yield sound
        return
    try:
        decoder = soundfile.SoundFile(_Nameless(file))
    except (RuntimeError, TypeError) as error:
        raise _unreadable(name, error) from error
    with decoder:
        yield Sound(
            name, decoder.samplerate, lambda n: decoder.read(n, dtype="float32", always_2d=True)
        )


class _Nameless:
    """A file without its name, from whose ending soundfile would guess (``.raw`` has no header)."""

    def __init__(self, file: IO[bytes]) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


@contextmanager
def _standard(file: IO[bytes], name: str, head: bytes) -> Iterator[Sound]:
    wanted = f"{name} needs soundfile, which is not installed (pip install soundfile); "
    if head[:4] != b"RIFF":
        raise Missing(wanted + "without it only PCM wav files can be read")
    try:
        reader = pcm.open(file, "rb")  # noqa: SIM115 - closed below
    except (pcm.Error, EOFError) as error:
        if "unknown format" in str(error):
            raise Missing(wanted + f"without it only PCM wav files, not {error}") from error
        raise _unreadable(name, error) from error
    with reader:
        channels, width = reader.getnchannels(), reader.getsampwidth()
        yield Sound(
            name, reader.getframerate(), lambda n: from_pcm(reader.readframes(n), width, channels)
        )


def from_pcm(data: bytes, width: int, channels: int = 1) -> Array:
    """Little-endian PCM of ``width`` bytes a sample as (n, channels) float32 in -1..1.

    Bytes that make no whole sample of each channel are left out. 8 bits are unsigned, as in wav.
    """
    whole = np.frombuffer(data, np.uint8, len(data) - len(data) % (width * channels))
    if width == 1:
        values = (whole.astype(np.float32) - 128) / 128
    else:  # the sample in the upper bytes of 32 bits, which keeps its sign
        wide = np.zeros((len(whole) // width, 4), np.uint8)
        wide[:, 4 - width :] = whole.reshape(-1, width)
        values = (wide.view("<i4")[:, 0] / 2.0**31).astype(np.float32)
    return values.reshape(-1, channels)


def _unreadable(name: str, error: Exception) -> BadFile:
    reason = str(error).rsplit(": ", 1)[-1].rstrip(".") or "it ends too early"
    return BadFile(f"{name} cannot be read as sound: {reason}; expected {FORMATS}")
