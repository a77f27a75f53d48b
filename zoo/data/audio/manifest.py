"""Lists of recordings with their transcripts: a JSON object a line, as NeMo and others write them.

    {"audio_filepath": "clips/0001.wav", "duration": 1.53, "text": "seven two", "speaker": "jo"}

``audio_filepath`` counts from the manifest's folder unless it is absolute; ``duration`` is in
seconds; ``speaker`` may be left out, and other fields are passed over. A text may be empty, which
says that nobody speaks. A recording may be named once only: twice would put it on both sides of a
split. Every error names the file and the line.

Proof: tests/data/audio/test_manifest.py.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo import files, reading
from zoo.data.text.lines import decoded
from zoo.errors import BadInput, Missing

HALF = re.compile("[\ud800-\udfff]")  # JSON can spell half a character, which no file can hold
LONGEST = 1e9  # seconds
FIELDS = ("audio_filepath", "duration", "text")


@dataclass(frozen=True)
class Recording:
    """One line of a manifest."""

    audio: Path
    duration: float  # seconds
    text: str
    speaker: str | None = None
    line: int = 0  # of the manifest, from 1; 0 if it comes from none
    manifest: Path | None = field(default=None, compare=False)

    @property
    def where(self) -> str:
        """The manifest and the line, for messages."""
        return f"{self.manifest} line {self.line}"


def read_manifest(path: str | Path) -> list[Recording]:
    """The recordings in their order.

    Raises:
        Missing: if the manifest is not there, or a recording that it names.
        BadFile: if it is not UTF-8.
        BadInput: for a line that is no JSON object, a field that is missing, given twice or of
            another kind, a duration that is not above 0, a recording named twice, no recordings.
    """
    path = Path(path)
    recordings: dict[str, Recording] = {}
    for number, text in _lines(path):
        where = f"{path} line {number}"
        record = _record(path, text, number, where)
        same = os.path.abspath(record.audio)
        if same in recordings:
            raise BadInput(
                f"{where}: {record.audio} is named on line {recordings[same].line} already; "
                "a recording may stand there once"
            )
        if not os.path.isfile(record.audio):  # False for odd names too, where Path.is_file raises
            raise Missing(f"{where}: there is no file {record.audio}; paths start at {path.parent}")
        recordings[same] = record
    if not recordings:
        raise BadInput(f"{path} names no recordings; expected a JSON object a line")
    return list(recordings.values())


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
        record = {
            "audio_filepath": name.as_posix(),
            "duration": item.duration,
            "text": item.text,
        } | ({} if item.speaker is None else {"speaker": item.speaker})
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
    missing = [name for name in FIELDS if name not in record]
    if missing:
        raise BadInput(f"{where}: has no {missing[0]}; expected {', '.join(FIELDS)}")
    audio, words = (_text(record, name, where) for name in ("audio_filepath", "text"))
    speaker = None if record.get("speaker") is None else _text(record, "speaker", where)
    seconds = record["duration"]
    if not isinstance(seconds, int | float) or not 0 < seconds < LONGEST or seconds is True:
        raise BadInput(f"{where}: duration {_short(seconds)}; expected seconds above 0")
    return Recording(path.parent / audio, float(seconds), words, speaker, line, path)


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
