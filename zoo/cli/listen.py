"""``zoo predict NAME -`` and ``... mic``: a line for each answer, as soon as its sound is there.

``-`` reads raw 16-bit little-endian mono PCM from standard input, ``mic`` the microphone (extra
``mic``). Ctrl-C ends either; how much sound there was and how long answers took is printed at the
end. What is answered, and of which rate the sound must be, is the predictor's matter.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from zoo.predictors.predictor import Answer, LivePredictor

BLOCK = 0.02  # seconds of sound that are waited for
HEADERS = (b"RIFF", b"fLaC", b"OggS", b"ID3")
EXAMPLE = "arecord -q -t raw -f S16_LE -c 1 -r {} | zoo predict NAME -"


def run(live: "LivePredictor", args: argparse.Namespace) -> int:
    """Listen until the sound ends or Ctrl-C.

    Raises:
        BadInput: if there are other inputs beside the live one.
    """
    from pathlib import Path

    from zoo.errors import BadInput
    from zoo.viz.curves import save

    if len(args.input) > 1:
        raise BadInput(f"- and mic are listened to alone, got {' '.join(args.input)}")
    session = Session(live)
    try:
        for answer in session.answers(source(args.input[0], live.rate)):
            print(json.dumps(answer.to_json()) if args.json else answer, flush=True)
    except KeyboardInterrupt:
        print(file=sys.stderr)  # behind the terminal's ^C
    if args.json:
        print(json.dumps(session.to_json()), flush=True)
    else:
        print(session, file=sys.stderr)
    if args.plot:
        save(session.stream.recent().plot(), Path(args.plot))
    return 0


class Session:
    """One time of listening: how much sound came, how many answers, and how long they took."""

    def __init__(self, live: "LivePredictor") -> None:
        self.live, self.stream = live, live.stream()
        self.count, self.blocks = 0, 0  # of answers; of blocks that were looked at
        self.computing, self.slowest = 0.0, 0.0  # seconds of all blocks; of the slowest
        self.samples = 0  # that came
        self.held = 0.0  # seconds that the predictor waits for more sound, such as to resample it
        self.came = 0.0  # when the last block did

    def answers(self, blocks: "Iterable[Tensor]") -> "Iterator[Answer]":
        """Answers as they come."""
        for answers in self.stream.answers(self._timed(blocks)):
            took = perf_counter() - self.came
            self.blocks, self.computing = self.blocks + 1, self.computing + took
            self.slowest = max(self.slowest, took)
            self.held = max(self.held, self.samples / self.live.rate - self.stream.seconds)
            self.count += len(answers)
            yield from answers

    def _timed(self, blocks: "Iterable[Tensor]") -> "Iterator[Tensor]":
        for block in blocks:
            self.samples, self.came = self.samples + len(block), perf_counter()
            yield block
        self.came = perf_counter()

    @property
    def each(self) -> float:
        """Seconds of computing for a block."""
        return self.computing / max(self.blocks, 1)

    @property
    def latency(self) -> float:
        """Seconds from a sound to its line: look-ahead, a block, resampling, mean computing."""
        return self.live.latency(BLOCK) + self.held + self.each

    @property
    def longest(self) -> float:
        """The same with the slowest block's computing: the first one's, as a rule."""
        return self.latency - self.each + self.slowest

    def __str__(self) -> str:
        return (
            f"{self.stream.seconds:.2f} s of sound, {self.count} {self.live.answer_name}; "
            f"computing takes {1000 * self.each:.1f} ms for each {1000 * BLOCK:.0f} ms of sound "
            f"(at most {1000 * self.slowest:.1f}); a sound is answered within "
            f"{1000 * self.latency:.0f} ms (at most {1000 * self.longest:.0f})"
        )

    def to_json(self) -> dict[str, Any]:
        """The last line, for machines."""
        return {
            "seconds": round(self.stream.seconds, 4),
            self.live.answer_name: self.count,
            "block_ms": round(1000 * BLOCK, 3),
            "compute_ms": round(1000 * self.each, 3),
            "slowest_ms": round(1000 * self.slowest, 3),
            "latency_ms": round(1000 * self.latency, 1),
            "longest_ms": round(1000 * self.longest, 1),
        }


def source(name: str, rate: int) -> "Iterator[Tensor]":
    """Blocks (m,) of standard input or of the microphone."""
    return microphone(rate) if name == "mic" else standard_input(rate)


def standard_input(rate: int) -> "Iterator[Tensor]":
    """Blocks of raw PCM.

    Raises:
        BadInput: if nobody pipes sound in, or a file with a header.
    """
    from zoo.data.audio.read import raw_blocks
    from zoo.errors import BadInput

    if sys.stdin is None or sys.stdin.isatty():
        raise BadInput(f"no sound comes from standard input; expected {EXAMPLE.format(rate)}")
    stream: IO[bytes] = sys.stdin.buffer
    head = stream.read(4)
    if head.startswith(HEADERS):
        raise BadInput(
            f"standard input begins with {head!r}, as a sound file does; expected raw 16-bit PCM: "
            "give the file's name instead of -"
        )
    yield from raw_blocks(_Begun(head, stream), rate, BLOCK)  # type: ignore[arg-type]


class _Begun:
    """A stream of which the first bytes were read already."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self.head, self.stream = head, stream

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        head, self.head = self.head[:size], self.head[size:]
        return head or self.stream.read(size)


def microphone(rate: int) -> "Iterator[Tensor]":
    """Blocks from the system's default microphone, without end.

    Raises:
        Missing: if sounddevice or PortAudio is not installed.
        BadInput: if there is no microphone, or none of this rate.
    """
    import torch

    from zoo.errors import BadInput, Missing

    try:
        import sounddevice
    except (ImportError, OSError) as error:  # OSError: PortAudio itself is missing
        reason = str(error).split("\n")[0]
        raise Missing(
            f"the microphone needs sounddevice, which does not import ({reason}): pip install "
            f"'deep-zoo[mic]' and the system's PortAudio, or {EXAMPLE.format(rate)}"
        ) from error
    size = round(BLOCK * rate)
    try:
        with sounddevice.InputStream(
            samplerate=rate, blocksize=size, channels=1, dtype="float32", latency="low"
        ) as stream:
            while True:
                samples, _ = stream.read(size)
                yield torch.from_numpy(samples[:, 0].copy())
    except sounddevice.PortAudioError as error:
        wrong = f"the microphone cannot be used at {rate} Hz: {error}; try another --rate"
        raise BadInput(wrong) from error
