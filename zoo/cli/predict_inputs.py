"""The raw inputs of ``zoo predict``: arguments, lines of files, lines of standard input.

Where a raw input is a text, ``-`` is standard input and ``--file F`` a file, a text a line; lines
are given on as they arrive, so that a pipe of any length is answered line by line and nothing of it
is kept. Otherwise an argument is the name of a file, ``-`` and a folder among them, or of a video
or a camera, whose frames are given on as they come.
Proof: tests/cli/test_predict_texts.py.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO, TYPE_CHECKING, Any

from zoo.errors import BadFile, BadInput, ZooError, note

if TYPE_CHECKING:
    from zoo.predictors.inputs.frame import Frame
    from zoo.predictors.predictor import Predictor

BATCH = 128  # inputs at once
CHUNK = 1 << 16  # bytes read at once
LONGEST = 1 << 20  # bytes of a line
SHOWN = 5  # numbers of blank lines that are named
STDIN = "standard input"
BOM = b"\xef\xbb\xbf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Input:
    """A raw input, and where it was read: "s.txt line 3", or "" for an argument.

    Attributes:
        name: what stands before its answer.
        pair: the two names, of an input that is two.
        frame: its number and time, if it is a frame of a video.
        live: whether it comes from a camera, which someone has to stop.
    """

    raw: Any
    place: str = ""
    name: str = ""
    pair: tuple[str, ...] = ()
    frame: Mapping[str, Any] = field(default_factory=dict)
    live: bool = False

    @property
    def label(self) -> str:
        """The name; of an argument and a text itself."""
        return self.name or " and ".join(self.words)

    @property
    def words(self) -> tuple[str, ...]:
        """What was given: a name or a text, or two names."""
        return self.pair or (self.name or str(self.raw),)

    def named(self, error: ZooError) -> ZooError:
        """The error, beginning with the place."""
        return type(error)(f"{self.place}: {error}") if self.place else error


Batch = Sequence[Input | ZooError]


def inputs(predictor: "Predictor[Any]", args: argparse.Namespace) -> Iterator[Batch]:
    """The inputs of a command line in batches, as they arrive, and errors of those unreadable.

    Raises:
        BadInput: if there is none; for a file that is given as a text, or a text file to weights
            that read no text.
    """
    if not args.input and not args.file:
        raise BadInput(f"{args.name} needs an input: {_examples(predictor.reads_text)}")
    if not predictor.reads_text:
        if args.file or args.text:
            flag = "--file" if args.file else "--text"
            raise BadInput(f"{flag} is for weights that read texts; give {args.name} file names")
        yield from _files(predictor, args.input)
        return
    if not args.text:
        for raw in args.input:
            _ask(raw)
    for stream, words in groupby(args.input, lambda raw: raw == "-" and not args.text):
        texts = [Input(raw) for raw in words]
        yield from _lines("-") if stream else _parts(texts)
    for name in args.file:
        yield from _lines(name)


def has_frames(predictor: "Predictor[Any]", args: argparse.Namespace) -> bool:
    """Whether a word of the command line is a video or a camera."""
    return any(predictor.frames(word) is not None for word in args.input)


def _files(predictor: "Predictor[Any]", words: Sequence[str]) -> Iterator[Batch]:
    """Files and those in folders, many at once; of a video its frames as they come."""
    given = [(word, predictor.frames(word)) for word in words]
    for is_video, group in groupby(given, lambda pair: pair[1] is not None):
        if is_video:
            for word, frames in group:
                yield from _frames(word, frames or ())
        else:
            yield from _parts([Input(one) for one in predictor.spread([word for word, _ in group])])


def _frames(word: str, frames: "Iterable[Frame]") -> Iterator[Batch]:
    """The frames of a video in batches; where it cannot be read on, the error."""
    from zoo.predictors.inputs.frame import together

    try:
        for some in together(frames):
            yield [_frame(word, frame) for frame in some]
    except ZooError as error:
        yield [error]


def _frame(word: str, frame: "Frame") -> Input:
    facts: dict[str, Any] = {"frame": frame.number}
    when = f"frame {frame.number}"
    if frame.seconds is not None:
        facts["time"] = round(frame.seconds, 4)
        when = f"{int(frame.seconds // 60)}:{frame.seconds % 60:05.2f}"
    return Input(frame.image, f"{word} {when}", word, frame=facts, live=frame.live)


def _examples(text: bool) -> str:
    return "a text, - (standard input) or --file F, a text a line" if text else "a file"


def _parts(found: Sequence[Input]) -> Iterator[Batch]:
    for at in range(0, len(found), BATCH):
        yield found[at : at + BATCH]


def _ask(raw: str) -> None:
    """Raise BadInput for the name of a file where a text is expected."""
    if os.path.isdir(raw):  # a folder of that name may well be a coincidence
        if os.sep in raw:
            raise BadInput(f"{raw} is a folder, a text is expected; --file reads a file of texts")
    elif raw != "-" and os.path.exists(raw):
        raise BadInput(
            f"{raw} is a file: --file {raw} reads it, a text a line; --text takes the name as text"
        )


def _lines(name: str) -> Iterator[Batch]:
    """The texts of a file or of standard input, as they arrive; what was left out is told."""
    from zoo.reading import CORPUS, unpacked

    if name in ("-", "/dev/stdin"):
        yield from TextLines(STDIN, _standard_input())
        return
    try:
        with unpacked(name, "a text file, a text a line", CORPUS) as file:
            yield from TextLines(name, file)
    except ZooError as error:
        yield [error]


def _standard_input() -> IO[bytes]:
    if sys.stdin is None:
        raise BadInput("standard input is closed; expected a text a line")
    return sys.stdin.buffer


class TextLines:
    """The lines of a stream of UTF-8 text, without blank ones, in batches as they arrive.

    Lines end in LF, CRLF or CR; a byte-order mark is dropped.

    Args:
        stream: has ``read1``.
    """

    def __init__(self, name: str, stream: Any) -> None:
        self.name, self.stream = name, stream
        self.count = 0  # lines so far
        self.blank: list[int] = []  # numbers of the first blank lines
        self.blanks = 0

    def __iter__(self) -> Iterator[Batch]:
        """Batches of lines; in place of a line that is not UTF-8, the error."""
        any_text = False
        try:
            for lines in self._arriving():
                for batch in self._batches(lines):
                    any_text = True
                    yield batch
        except BadFile as error:
            yield [error]
            return
        if not any_text:
            got = f"has {self.blanks} blank lines only" if self.blanks else "is empty"
            yield [BadInput(f"{self.name} {got}; expected a text a line")]
        elif self.blanks:
            numbers = ", ".join(map(str, self.blank)) + ", ..." * (self.blanks > SHOWN)
            note(f"{self.name}: blank lines left out: {self.blanks} ({numbers})")

    def _arriving(self) -> Iterator[list[bytes]]:
        """The lines that each piece of the stream completes.

        Raises:
            BadFile: for UTF-16, and for a line that is too long.
        """
        begun, rest = False, b""
        while chunk := self.stream.read1(CHUNK):
            rest += chunk
            if not begun and len(rest) < 3 and b"\n" not in rest:
                continue  # perhaps the beginning of a byte-order mark
            if not begun and rest.startswith(UTF16):
                raise BadFile(f"{self.name} is UTF-16; save it as UTF-8")
            rest = rest if begun else rest.removeprefix(BOM)
            begun = True
            complete, rest = self._split(rest)
            yield complete
            if len(rest) > LONGEST:
                place = f"{self.name} line {self.count + 1}"
                raise BadFile(f"{place} has more than {LONGEST:,} bytes; expected a text a line")
        yield [rest.removesuffix(b"\r")] if rest else []

    def _split(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Complete lines, and what follows them; a CR at the end may be half of a CRLF."""
        held = b"\r" if data.endswith(b"\r") else b""
        whole = data.removesuffix(held) if held else data
        *complete, rest = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        return complete, rest + held

    def _batches(self, lines: Iterable[bytes]) -> Iterator[Batch]:
        batch: list[Input | ZooError] = []
        for line in lines:
            self.count += 1
            if not line.strip():
                self.blanks += 1
                self.blank += [self.count] if self.blanks <= SHOWN else []
                continue
            batch.append(self._text(line))
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _text(self, line: bytes) -> Input | ZooError:
        place = f"{self.name} line {self.count}"
        try:
            return Input(line.decode(), place)
        except UnicodeDecodeError as error:
            odd = f"byte 0x{line[error.start]:02x} at {error.start + 1}"
            return BadFile(f"{place}: {odd} is not UTF-8; save it as UTF-8")
