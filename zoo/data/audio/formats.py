"""Sound files, opened and read in pieces: wav of any kind, flac, ogg, mp3.

soundfile (libsndfile) decodes; where it is not installed, Python's own ``wave`` reads PCM wav files
of 8, 16, 24 and 32 bits to the same samples. torchaudio.load is not used: it needs torchcodec and
FFmpeg.

Errors, in one line each: a file that is not sound; a truncated one (wav and flac have their length
in the header, ogg marks its end; a truncated mp3 cannot be recognised); samples that are not finite
or not scaled to -1..1. A wav whose header leaves the length open, as programs that write to a pipe
do, is read to its end. A file without samples is an empty wave. Damage inside an ogg or mp3 is
skipped, as players do.

Proof: tests/data/audio/test_read.py.
"""

import io
import wave as pcm
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

from zoo import reading
from zoo.data.audio import containers
from zoo.errors import BadFile, Missing

Array = np.ndarray[Any, Any]
Source = str | Path | bytes
FORMATS = "wav, flac, ogg or mp3"
OPEN_END = 0x7FFF0000  # bytes of a wav's data; so many or more stand for an unknown length
PAGE = 1 << 17  # bytes at the end of an ogg that hold the start of its last page, of 65,307 at most
SLACK = 64  # bytes: some writers count bytes of the header too
PASSED = 1 << 16  # samples that are decoded at once to pass over them
UNKNOWN = 1 << 62  # samples; libsndfile says more where it does not know the length
LOUDEST = 16.0  # decoders overshoot 1 by a little; integers kept as floats by thousands
RATES = range(1000, 1_000_001)  # Hz
RATES_SAID = f"a whole number from {RATES[0]:,} to {RATES[-1]:,}"


@dataclass(frozen=True)
class Sound:
    """An open sound file."""

    name: str
    rate: int  # Hz
    take: Callable[[int], Array]  # the next samples, at most so many: (n, channels) float32
    skip: Callable[[int], object]  # to so many samples from the start, of a file just opened
    promised: int = 0  # samples that the header announces; 0 if it does not

    def pieces(self, size: int, first: int = 0, count: int | None = None) -> Iterator[Tensor]:
        """Samples, ``size`` at a time: (m,) float32, the mean of the channels. Once for a file.

        Args:
            first: how many samples are passed over.
            count: how many follow at most; by default all.

        Raises:
            BadFile: where the file is damaged, or its samples are not finite or not scaled.
        """
        if 0 < self.promised <= first:
            return
        done, end = first, UNKNOWN if count is None else first + count
        while done < end:
            try:
                if done == first > 0:
                    self.skip(first)
                part = self.take(min(size, end - done))
            except (RuntimeError, pcm.Error, EOFError) as error:
                raise _unreadable(self.name, error) from error
            if not len(part):
                break
            mono = part[:, 0].copy() if part.shape[1] == 1 else part.mean(1)
            yield torch.from_numpy(self._checked(mono, done))
            done += len(part)
        if done < min(self.promised, end):
            have, all_of_it = done / self.rate, self.promised / self.rate
            raise BadFile(
                f"{self.name} is damaged: it can be read for {have:.2f} s of the {all_of_it:.2f} s "
                "that it promises; copy it again"
            )

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
        BadFile: for a folder, an empty or truncated file, or one that is not sound.
    """
    name = "the sound" if isinstance(source, bytes) else str(Path(source))
    with _binary(source, name) as file:
        head = file.read(12)
        if not head:
            raise BadFile(f"{name} is empty; expected {FORMATS}")
        if kind := containers.kind_of(head):
            raise BadFile(containers.way_out(name, kind))
        if head[:4] == b"RIFF" and head[8:] == b"WAVE":
            _refuse_cut_wav(file, name)
        elif head[:4] == b"OggS":
            _refuse_cut_ogg(file, name)
        file.seek(0)
        sound, decoder = (_libsndfile if _has_soundfile() else _standard)(file, name, head)
        with closing(decoder):
            if sound.rate not in RATES:
                raise BadFile(f"{name}: {sound.rate} samples a second; expected {RATES_SAID}")
            yield sound


@contextmanager
def _binary(source: Source, name: str) -> Iterator[IO[bytes]]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    with reading.opened(source, f"a sound file ({FORMATS})", reading.SOUND) as file:
        yield file


def _refuse_cut_wav(file: IO[bytes], name: str) -> None:
    """Raises ``BadFile`` for a wav that ends before its sound does."""
    end = file.seek(0, io.SEEK_END)
    at = 12
    while at + 8 <= end:
        file.seek(at)
        kind, size = file.read(4), int.from_bytes(file.read(4), "little")
        if kind == b"data":
            there = end - at - 8
            if not size and there > SLACK:
                raise BadFile(
                    f"{name} was not closed by what recorded it: {there:,} bytes follow a header "
                    "that promises no sound; save it again"
                )
            if there + SLACK < size < OPEN_END:
                raise BadFile(
                    f"{name} is cut short: {there:,} of the {size:,} bytes of sound that its "
                    "header promises; copy it again"
                )
            return
        at += 8 + size + size % 2
    raise BadFile(f"{name} is cut short: a wav header without sound after it; copy it again")


def _refuse_cut_ogg(file: IO[bytes], name: str) -> None:
    """Raises ``BadFile`` unless the last page is whole and marked as the last: RFC 3533, sec. 6."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    count = page[26] if len(page) > 26 else 255  # segments of the page; then their sizes
    if not page[5:6] or not page[5] & 4 or len(page) < 27 + count + sum(page[27 : 27 + count]):
        raise BadFile(f"{name} is cut short: its last page is not the end; copy it again")


def _has_soundfile() -> bool:
    try:
        import soundfile  # noqa: F401 - late: a core dependency, but wav files can do without
    except (ImportError, OSError):  # OSError: libsndfile itself is missing
        return False
    return True


def _libsndfile(file: IO[bytes], name: str, head: bytes) -> tuple[Sound, Any]:
    import soundfile

    try:
        decoder = soundfile.SoundFile(_Nameless(file))
    except (RuntimeError, TypeError) as error:
        raise _unreadable(name, error) from error
    # After each read soundfile seeks to where it already is. That restarts an mp3, whose frames
    # depend on those before: the first samples would be wrong. So seeking is switched off.
    decoder.seekable = lambda: False
    known = decoder.format != "MP3" and decoder.frames < UNKNOWN

    def take(count: int) -> Array:
        return np.asarray(decoder.read(count, dtype="float32", always_2d=True))

    def skip(count: int) -> None:
        if known:
            decoder.seek(count)
        while not known and count and (passed := len(take(min(count, PASSED)))):
            count -= passed

    return Sound(name, decoder.samplerate, take, skip, decoder.frames if known else 0), decoder


class _Nameless:
    """A file without its name: soundfile takes the format from the ending (``.raw``: no header)."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.read, self.tell = file, file.read, file.tell

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Does nothing for a position before the start, as damaged files may ask for."""
        with suppress(OSError, ValueError):
            self.file.seek(offset, whence)
        return self.file.tell()


def _standard(file: IO[bytes], name: str, head: bytes) -> tuple[Sound, Any]:
    wanted = f"{name} needs soundfile, which is not installed (pip install soundfile); "
    if head[:4] != b"RIFF":
        raise Missing(wanted + "without it only PCM wav files can be read")
    try:
        reader = pcm.open(file, "rb")  # noqa: SIM115 - closed by the caller
    except (pcm.Error, EOFError) as error:
        if "unknown format" in str(error):
            raise Missing(wanted + f"without it only PCM wav files, not {error}") from error
        raise _unreadable(name, error) from error
    channels, width = reader.getnchannels(), reader.getsampwidth()

    def take(count: int) -> Array:
        return from_pcm(reader.readframes(count), width, channels)

    def skip(count: int) -> None:
        reader.setpos(min(count, reader.getnframes()))

    return Sound(name, reader.getframerate(), take, skip), reader


def from_pcm(data: bytes, width: int, channels: int = 1) -> Array:
    """Little-endian PCM of ``width`` bytes a sample as (n, channels) float32 in -1..1.

    An incomplete last sample is dropped. 8 bits are unsigned, as in wav.
    """
    raw = np.frombuffer(data, np.uint8, len(data) - len(data) % (width * channels))
    if width == 1:
        values = (raw.astype(np.float32) - 128) / 128
    else:  # the sample in the upper bytes of 32 bits, which keeps its sign
        wide = np.zeros((len(raw) // width, 4), np.uint8)
        wide[:, 4 - width :] = raw.reshape(-1, width)
        values = (wide.view("<i4")[:, 0] / 2.0**31).astype(np.float32)
    return values.reshape(-1, channels)


def _unreadable(name: str, error: Exception) -> BadFile:
    reason = str(error).rsplit(": ", 1)[-1].rstrip(".") or "it ends too early"
    if "does not exist" in reason:  # libsndfile's word for an mp3 without a whole frame
        reason = "it ends too early"
    return BadFile(f"{name} cannot be read as sound: {reason}; expected {FORMATS}")
