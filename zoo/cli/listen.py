"""``zoo predict NAME -`` and ``zoo predict NAME mic``: predictions on live sound, one per line.

``-`` reads raw 16-bit little-endian mono PCM from standard input, ``mic`` the microphone (extra
``mic``). Ctrl-C ends either. At the end the duration of the sound, the computing time and the
latency are printed. The predictor determines the sample rate and the form of the predictions.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from zoo.predictors.answer import Answer
    from zoo.predictors.live import LivePredictor

BLOCK = 0.02  # seconds of sound in a block
HEADERS = (b"RIFF", b"fLaC", b"OggS", b"ID3")
EXAMPLE = "arecord -q -t raw -f S16_LE -c 1 -r {} | zoo predict NAME -"


def run(live: "LivePredictor", args: argparse.Namespace) -> int:
    """Print predictions until the sound ends or Ctrl-C; returns the exit code.

    Raises:
        BadInput: if there are other inputs besides the live one.
    """
    from pathlib import Path

    from zoo.errors import BadInput
    from zoo.viz.curves import save

    if len(args.input) > 1:
        raise BadInput(f"live sound (- or mic) must be the only input, got {' '.join(args.input)}")
    session = Session(live)
    try:
        for answer in session.answers(source(args.input[0], live.rate)):
            print(json.dumps(answer.to_json()) if args.json else answer, flush=True)
    except KeyboardInterrupt:
        print(file=sys.stderr)  # after the ^C that the terminal prints
    if args.json:
        print(json.dumps(session.to_json()), flush=True)
    else:
        print(session, file=sys.stderr)
    if args.plot:
        save(session.stream.recent().plot(), Path(args.plot))
    return 0


class Session:
    """Predictions on one live stream, with the duration of the sound and the computing time."""

    def __init__(self, live: "LivePredictor") -> None:
        self.live, self.stream = live, live.stream()
        self.count, self.blocks = 0, 0  # predictions; blocks processed
        self.computing, self.slowest_block = 0.0, 0.0  # seconds for all blocks; for the slowest
        self.samples = 0  # received
        self.buffered = 0.0  # largest delay in seconds of the predictor's buffers (resampling)
        self.arrived = 0.0  # time at which the last block arrived

    def answers(self, blocks: "Iterable[Tensor]") -> "Iterator[Answer]":
        """Yield predictions as the sound arrives."""
        for answers in self.stream.answers(self._timed(blocks)):
            elapsed = perf_counter() - self.arrived
            self.blocks, self.computing = self.blocks + 1, self.computing + elapsed
            self.slowest_block = max(self.slowest_block, elapsed)
            self.buffered = max(self.buffered, self.samples / self.live.rate - self.stream.seconds)
            self.count += len(answers)
            yield from answers

    def _timed(self, blocks: "Iterable[Tensor]") -> "Iterator[Tensor]":
        for block in blocks:
            self.samples, self.arrived = self.samples + len(block), perf_counter()
            yield block
        self.arrived = perf_counter()

    @property
    def mean_compute(self) -> float:
        """Mean computing time of a block, in seconds."""
        return self.computing / max(self.blocks, 1)

    @property
    def latency(self) -> float:
        """Mean seconds from a sound to its line: look-ahead, block, resampling, computing."""
        return self.live.latency(BLOCK) + self.buffered + self.mean_compute

    @property
    def worst_latency(self) -> float:
        """Latency in seconds with the computing time of the slowest block, usually the first."""
        return self.latency - self.mean_compute + self.slowest_block

    def __str__(self) -> str:
        return (
            f"{self.stream.seconds:.2f} s of sound, {self.count} {self.live.answer_name}; "
            f"computing takes {1000 * self.mean_compute:.1f} ms per {1000 * BLOCK:.0f} ms of sound "
            f"(at most {1000 * self.slowest_block:.1f}); the latency is "
            f"{1000 * self.latency:.0f} ms (at most {1000 * self.worst_latency:.0f})"
        )

    def to_json(self) -> dict[str, Any]:
        """The summary as JSON, with times in milliseconds."""
        return {
            "seconds": round(self.stream.seconds, 4),
            self.live.answer_name: self.count,
            "block_ms": round(1000 * BLOCK, 3),
            "compute_ms": round(1000 * self.mean_compute, 3),
            "slowest_ms": round(1000 * self.slowest_block, 3),
            "latency_ms": round(1000 * self.latency, 1),
            "longest_ms": round(1000 * self.worst_latency, 1),
        }


def source(name: str, rate: int) -> "Iterator[Tensor]":
    """Blocks (m,) of sound from standard input, or from the microphone for "mic"."""
    return microphone(rate) if name == "mic" else standard_input(rate)


def standard_input(rate: int) -> "Iterator[Tensor]":
    """Blocks (m,) of raw PCM from standard input.

    Raises:
        BadInput: if standard input is a terminal, or a sound file with a header.
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
    yield from raw_blocks(_WithHead(head, stream), rate, BLOCK)  # type: ignore[arg-type]


class _WithHead:
    """A byte stream whose first bytes ``head`` have been read already."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self.head, self.stream = head, stream

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; none at the end of the stream."""
        head, self.head = self.head[:size], self.head[size:]
        return head or self.stream.read(size)


def microphone(rate: int) -> "Iterator[Tensor]":
    """An endless stream of blocks (m,) from the system's default microphone.

    Raises:
        Missing: if sounddevice or PortAudio is not installed.
        BadInput: if there is no microphone, or it does not support this rate.
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
        message = f"the microphone cannot be used at {rate} Hz: {error}; try another --rate"
        raise BadInput(message) from error
