"""Lists of recordings with their transcripts: a JSON object a line, as NeMo and others write them.

    {"audio_filepath": "clips/0001.wav", "duration": 1.53, "text": "seven two", "speaker": "jo"}
    {"audio_filepath": "talk.wav", "offset": 12.5, "duration": 4.1, "text": "and then"}

``audio_filepath`` counts from the manifest's folder unless it is absolute. ``offset`` and
``duration`` are in seconds: with an offset the part of the file that they say is meant, to its end
without a duration. ``speaker``, a name or a number, may be left out. A text may be empty, which
says that nobody speaks.

Other fields that change what is meant, as ``channel`` or ``end`` (CHANGING), are refused by name;
the rest is passed over and told once. The same sound may stand there once only: twice would put it
on both sides of a split. Every error names the file and the line.

Proof: tests/data/audio/test_manifest.py.
"""

import json
import os
import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo import files, reading
from zoo.data.own.told import Unusable
from zoo.data.text.lines import decoded
from zoo.errors import BadInput, Missing
from zoo.streams import folder_of

HALF = re.compile("[\ud800-\udfff]")  # JSON can spell half a character, which no file can hold
LONGEST = 1e9  # seconds
FIELDS = ("audio_filepath", "text")
KNOWN = (*FIELDS, "duration", "offset", "speaker")
SAME = 0.5  # of the shorter of two segments: with more in common they are the same sound
_PART = "offset and duration, in seconds"
_SOUND = "the name of a file that holds this sound alone"
CHANGING = {  # the letters of a field that changes what is meant -> what to write instead
    **dict.fromkeys(("start", "starts", "begin", "begins", "onset", "from", "seek"), _PART),
    **dict.fromkeys(
        ("end", "ends", "stop", "until", "to", "segment", "segments", "offsets"), _PART
    ),
    **dict.fromkeys(("starttime", "startsec", "startseconds", "startms", "startsample"), _PART),
    **dict.fromkeys(("begintime", "beginsec", "beginms", "endtime", "endsec", "endseconds"), _PART),
    **dict.fromkeys(("endms", "endsample", "stoptime", "startframe", "endframe"), _PART),
    **dict.fromkeys(("offsetsec", "offsetseconds", "offsetms", "offsetsamples", "time"), _PART),
    **dict.fromkeys(("durationsec", "durationseconds", "durationms", "numsamples"), _PART),
    **dict.fromkeys(("channel", "channels", "channelid", "channelselector"), _SOUND),
    **dict.fromkeys(("audiochannel", "reverse", "tempo", "speed", "gain", "volume"), _SOUND),
    **dict.fromkeys(("skip", "skipme", "ignore", "exclude"), "nothing: take the line out"),
    **dict.fromkeys(("label", "labels", "command", "textfilepath", "textfile"), "text"),
}


@dataclass(frozen=True)
class Recording:
    """One line of a manifest."""

    audio: Path
    duration: float | None  # seconds; None: to the end of the file
    text: str
    speaker: str | None = None
    line: int = 0  # of the manifest, from 1; 0 if it comes from none
    manifest: Path | None = field(default=None, compare=False)
    offset: float | None = None  # seconds from the start of the file; None: it is the whole file
    unused: tuple[str, ...] = field(default=(), compare=False)  # fields that were passed over

    @property
    def where(self) -> str:
        """The manifest and the line, for messages."""
        return f"{self.manifest} line {self.line}"

    @property
    def name(self) -> str:
        """The file, and where in it a segment begins, for messages."""
        return str(self.audio) if self.offset is None else f"{self.audio} at {self.offset:g} s"

    @property
    def span(self) -> tuple[float, float]:
        """Seconds of the file where it begins and ends; LONGEST if its end is not known."""
        if self.offset is None:
            return 0.0, LONGEST
        return self.offset, self.offset + (self.duration or LONGEST)

    def shares(self, other: "Recording") -> bool:
        """Whether this and another of the same file are the same sound, for the most part."""
        if self.offset is None or other.offset is None:
            return True
        (begin, end), (start, stop) = self.span, other.span
        common = min(end, stop) - max(begin, start)
        shorter = min(self.duration or LONGEST, other.duration or LONGEST)
        return common > SAME * shorter


def read_manifest(path: str | Path, bad: Unusable | None = None) -> list[Recording]:
    """The recordings in their order.

    Args:
        bad: takes the errors of lines that cannot be used; by default all of them are named in one
            error.

    Raises:
        Missing: if the manifest is not there, or a recording that it names.
        BadFile: if it is not UTF-8.
        BadInput: for a line that is no JSON object, a field that is missing, given twice, of
            another kind, or one of CHANGING, a sound named twice, no recordings.
    """
    path = Path(path)
    recordings: list[Recording] = []
    seen, found = Seen(), bad or Unusable("recordings")
    for number, text in _lines(path):
        with found.noted():
            recordings.append(_usable(path, text, number, seen))
    if bad is None:
        found.settled(len(recordings) + len(found.errors))
    if not recordings and not found.errors:
        raise BadInput(f"{path} names no recordings; expected a JSON object a line")
    return recordings


def _usable(path: Path, text: str, line: int, seen: "Seen") -> Recording:
    where = f"{path} line {line}"
    record = _record(path, text, line, where)
    if same := seen.add(record):
        raise BadInput(
            f"{where}: {record.name} is named on line {same.line} already; a recording may stand "
            "there once"
        )
    if not os.path.isfile(record.audio):  # False for odd names too, where Path.is_file raises
        raise Missing(f"{where}: there is no file {record.audio}; paths start at {folder_of(path)}")
    return record


class Seen:
    """Recordings so far, by file: whether a sound comes again.

    Those of a file lie in the order of their beginnings, so that of the thousands of segments of a
    long one only those nearby are compared.
    """

    def __init__(self) -> None:
        self.of_file: dict[str, list[Recording]] = {}
        self.longest: dict[str, float] = {}  # seconds of the longest one of each file

    def add(self, one: Recording) -> Recording | None:
        """Keep a recording; returns an earlier one that is the same sound, if there is one."""
        file, (begin, end) = os.path.abspath(one.audio), one.span
        earlier, longest = self.of_file.setdefault(file, []), self.longest.get(file, 0.0)
        first, last = (bisect_left(earlier, at, key=_begin) for at in (begin - longest, end))
        same = next(filter(one.shares, earlier[first:last]), None)
        insort(earlier, one, key=_begin)
        self.longest[file] = max(longest, end - begin)
        return same


def _begin(one: Recording) -> float:
    return one.span[0]


def write_manifest(path: str | Path, recordings: Iterable[Recording]) -> None:
    """Write recordings so that ``read_manifest`` reads them.

    Those that lie under the manifest's folder are named from there, so the folder can be moved.

    Raises:
        CannotWrite: if the disk is full or the folder read-only.
    """
    path = Path(path)
    folder = Path(os.path.abspath(path.parent))
    lines = []
    for item in recordings:
        audio = Path(os.path.abspath(item.audio))
        name = audio.relative_to(folder) if audio.is_relative_to(folder) else audio
        record = {"audio_filepath": name.as_posix(), "offset": item.offset}
        record |= {"duration": item.duration, "text": item.text, "speaker": item.speaker}
        record = {key: value for key, value in record.items() if value is not None}
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    files.write(path, "".join(lines))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their numbers."""
    text = "".join(decoded(path, "a manifest, a JSON object a line", reading.TEXT))
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def _record(path: Path, text: str, line: int, where: str) -> Recording:
    try:
        record = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where}: {error}; expected a JSON object a line") from error
    if not isinstance(record, dict):
        raise BadInput(f"{where}: expected a JSON object, got {_short(record)}")
    record = {name: value for name, value in record.items() if value is not None}
    _refuse_changing(record, where)
    missing = [name for name in FIELDS if name not in record]
    if missing:
        got = ", ".join(map(_short, record)) or "nothing"
        raise BadInput(f"{where}: has no {missing[0]}, but {got}; expected {', '.join(KNOWN)}")
    audio, words = (_text(record, name, where) for name in FIELDS)
    offset, duration = (_seconds(record, name, where) for name in ("offset", "duration"))
    if duration == 0:
        raise BadInput(f"{where}: duration 0; expected seconds above 0")
    unused = tuple(name for name in record if name not in KNOWN)
    speaker = _speaker(record, where)
    return Recording(folder_of(path) / audio, duration, words, speaker, line, path, offset, unused)


def _refuse_changing(record: dict[str, Any], where: str) -> None:
    """Raise BadInput for a field that changes what is meant and is not obeyed."""
    for name in record:
        letters = "".join(filter(str.isalpha, name.lower()))
        if name in KNOWN:
            continue
        if letters in {known.replace("_", "") for known in KNOWN}:
            meant = next(known for known in KNOWN if known.replace("_", "") == letters)
            raise BadInput(f"{where}: has {_short(name)}; is {meant} meant?")
        if letters in CHANGING:
            raise BadInput(
                f"{where}: has {_short(name)}, which is not obeyed; write {CHANGING[letters]}"
            )


def _seconds(record: dict[str, Any], name: str, where: str) -> float | None:
    seconds = record.get(name)
    if seconds is None:
        return None
    if not isinstance(seconds, int | float) or not 0 <= seconds < LONGEST or seconds is True:
        above = "0 or more" if name == "offset" else "above 0"
        raise BadInput(f"{where}: {name} {_short(seconds)}; expected seconds {above}")
    return float(seconds)


def _speaker(record: dict[str, Any], where: str) -> str | None:
    """The name; numbers are names too."""
    value = record.get("speaker")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LONGEST:
        return str(value)
    return None if value is None else _text(record, "speaker", where)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"field {twice!r} is given twice")
    return record


def _text(record: dict[str, Any], name: str, where: str) -> str:
    value = record[name]
    if not isinstance(value, str) or HALF.search(value):
        raise BadInput(f"{where}: {name} {_short(value)}; expected text in quotes")
    return value


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."
