"""``zoo predict trigger_word.TAG -`` and ``... mic``: a line for each detection, as it is heard.

``-`` reads raw 16-bit little-endian mono PCM from standard input, ``mic`` the microphone (extra
``mic``). Ctrl-C ends either; what was heard and how fast is said at the end.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from zoo.predictors.trigger_word import Heard, Listener
    from zoo.predictors.trigger_word_answer import Detection

LIVE = ("-", "mic")
BLOCK = 0.02  # seconds of sound that are waited for
SHOWN = 60.0  # of the sound that --plot draws: the last of it
HEADERS = (b"RIFF", b"fLaC", b"OggS", b"ID3")
EXAMPLE = "arecord -q -t raw -f S16_LE -c 1 -r {} | zoo predict NAME -"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of listening and of reading speech."""
    sound = parser.add_argument_group("sound")
    sound.add_argument("--threshold", type=float, help="probability from which a word is heard")
    sound.add_argument("--refractory", type=float, help="seconds from a detection to the next")
    sound.add_argument("--rate", type=int, help="samples a second of - or mic, if not the card's")
    speech = parser.add_argument_group("speech to text")
    speech.add_argument("--beam", type=int, help="search with so many prefixes; else best path")
    speech.add_argument("--lm", metavar="ARPA", help="a language model's file, for the beam")
    speech.add_argument("--alpha", type=float, help="weight of the language model's log p")
    speech.add_argument("--beta", type=float, help="what each word adds to the score")
    speech.add_argument("--nbest", type=int, help="how many readings to tell")
    speech.add_argument("--hotwords", metavar="A,B", help="words to listen for")
    speech.add_argument("--hotword-weight", type=float, help="what each of their letters adds")


def is_live(predictor: Any, args: argparse.Namespace) -> bool:
    """Whether the input is sound still to come.

    Raises:
        BadInput: for what goes with that only, or not at all.
    """
    from zoo.errors import BadInput

    live = hasattr(predictor, "listen") and any(name in LIVE for name in args.input)
    if live and len(args.input) > 1:
        raise BadInput(f"- and mic are listened to alone, got {' '.join(args.input)}")
    if args.rate is not None and args.rate < 1:
        raise BadInput(f"--rate must be at least 1, in Hz, got {args.rate}")
    if args.rate is not None and not live:
        raise BadInput("--rate is for - and mic, as the input of what listens")
    return live


def run(listener: "Listener", args: argparse.Namespace) -> int:
    """Listen until the sound ends or Ctrl-C."""
    from pathlib import Path

    from zoo.viz.curves import save

    rate = args.rate or listener.front_end.rate
    session = Session(listener, rate)
    try:
        for line in session.lines(source(args.input[0], rate), args.json):
            print(line, flush=True)
    except KeyboardInterrupt:
        print(file=sys.stderr)  # behind the terminal's ^C
    if args.json:
        print(json.dumps(session.to_json()), flush=True)
    else:
        print(session, file=sys.stderr)
    if args.plot:
        save(session.plot(), Path(args.plot))
    return 0


class Session:
    """One time of listening: the detections, the time that computing took, the last minute."""

    def __init__(self, listener: "Listener", rate: int) -> None:
        import torch

        from zoo.data.audio.read import resample
        from zoo.predictors.trigger_word import Ear

        resample(torch.zeros(1), rate, listener.front_end.rate)  # the filter, before it is needed
        self.listener, self.rate, self.ear = listener, rate, Ear(listener)
        self.blocks, self.computing, self.slowest = 0, 0.0, 0.0  # the last two in seconds
        self.given, self.held = 0, 0.0  # samples that came; seconds that resampling keeps waiting
        self.came = 0.0  # when the last of them did
        self.found: list[Detection] = []
        self.recent: list[Heard] = []

    def lines(self, blocks: "Iterable[Tensor]", as_json: bool) -> Iterator[str]:
        """What to print for each detection, when it comes."""
        from zoo.data.audio.read import resampled

        for block in resampled(self._counted(blocks), self.rate, self.listener.front_end.rate):
            heard = self.ear.hear(block)
            self._remember(heard, perf_counter() - self.came)
            for one in heard.detections:
                yield json.dumps(one.to_json()) if as_json else f"{self.listener.word} at {one}"

    def _counted(self, blocks: "Iterable[Tensor]") -> "Iterator[Tensor]":
        for block in blocks:
            self.given, self.came = self.given + len(block), perf_counter()
            yield block
        self.came = perf_counter()

    def _remember(self, heard: "Heard", took: float) -> None:
        self.blocks, self.computing = self.blocks + 1, self.computing + took
        self.slowest = max(self.slowest, took)
        self.held = max(self.held, self.given / self.rate - self.seconds)
        self.found += heard.detections
        self.recent.append(heard)
        if len(self.recent) > 2 * SHOWN / BLOCK:
            self.recent = self.recent[len(self.recent) // 2 :]

    @property
    def seconds(self) -> float:
        """Of sound that was heard."""
        return self.ear.samples / self.listener.front_end.rate

    @property
    def each(self) -> float:
        """Seconds of computing for a block."""
        return self.computing / max(self.blocks, 1)

    @property
    def latency(self) -> float:
        """Seconds from a sound to its line: look-ahead, a block, resampling, mean computing."""
        block = round(BLOCK * self.listener.front_end.rate)
        return self.listener.latency(block) + self.held + self.each

    @property
    def longest(self) -> float:
        """The same with the slowest block's computing: the first one's, as a rule."""
        return self.latency - self.each + self.slowest

    def __str__(self) -> str:
        from zoo.predictors.trigger_word_answer import clock

        return (
            f"heard {clock(self.seconds)}, {len(self.found)} detections; computing takes "
            f"{1000 * self.each:.1f} ms for each {1000 * BLOCK:.0f} ms of sound (at most "
            f"{1000 * self.slowest:.1f}); what is said is answered within "
            f"{1000 * self.latency:.0f} ms (at most {1000 * self.longest:.0f})"
        )

    def to_json(self) -> dict[str, Any]:
        """The last line, for machines."""
        return {
            "seconds": round(self.seconds, 4),
            "detections": len(self.found),
            "block_ms": round(1000 * BLOCK, 3),
            "compute_ms": round(1000 * self.each, 3),
            "slowest_ms": round(1000 * self.slowest, 3),
            "latency_ms": round(1000 * self.latency, 1),
            "longest_ms": round(1000 * self.longest, 1),
        }

    def plot(self) -> Any:
        """The last minute; a matplotlib figure."""
        import torch

        from zoo.predictors.trigger_word_answer import Detections

        listener, last = self.listener, self.recent[-round(SHOWN / BLOCK) :]
        nothing = torch.zeros(0, listener.front_end.bands)
        features = torch.cat([nothing, *(x.features for x in last)])
        probabilities = torch.cat([torch.zeros(0), *(x.probabilities for x in last)])
        start = (self.ear.steps - len(probabilities)) * listener.step
        return Detections(
            listener.word,
            tuple(one for one in self.found if one.time > start),
            probabilities,
            listener.step,
            self.seconds,
            listener.threshold,
            features,
            listener.front_end.seconds,
            start,
        ).plot()


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
        said = f"the microphone cannot be used at {rate} Hz: {error}; try another --rate"
        raise BadInput(said) from error
