"""The errors of transcripts by speaker and length of the reference, and the word confusions.

Notes: course 3, week 2, "Carrying out error analysis", for course 5, week 3, "Speech recognition".
Rates are micro averages with substitutions, deletions and insertions (zoo/metrics/wer.py), for each
group over its reference words; the sheet states the normalisation.
Proof: tests/practice/test_transcript_errors.py.
"""

import csv
import io
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from zoo import files
from zoo.errors import BadInput
from zoo.metrics.wer import Errors, align, character_errors, count_pairs, normalised

LENGTHS = (0, 1, 2, 3, 5, 10, 20, 50)  # upper bounds of the groups of lengths, in reference words
SHOWN = 10  # confusions and utterances on the sheet
WIDEST = 60  # characters of a text on the sheet
HEAD = ["name", "speaker", "reference", "hypothesis", "words", "substituted", "deleted", "inserted"]


Group = TypeVar("Group", int, str)


@dataclass(frozen=True)
class Utterance:
    """A reference and the hypothesis of a recognizer."""

    name: str  # such as the file
    reference: str
    hypothesis: str
    speaker: str = ""  # "": unknown


@dataclass(frozen=True)
class Line:
    """An utterance after normalisation, with its errors."""

    name: str
    speaker: str
    reference: str
    hypothesis: str
    errors: Errors


@dataclass(frozen=True)
class ErrorSheet:
    """The errors of all utterances.

    Attributes:
        normal: normalisation of both texts; a name in ``zoo.metrics.wer.NORMALISATIONS``.
        words, characters: errors over all utterances.
        speakers, lengths: word errors by speaker and by length of the reference.
        confusions: (reference word, hypothesis word, count), most frequent first; None in place of
            the missing word of an insertion or a deletion.
        lines: the utterances, those with most errors first.
    """

    normal: str
    words: Errors
    characters: Errors
    speakers: dict[str, Errors]
    lengths: dict[str, Errors]
    confusions: tuple[tuple[str | None, str | None, int], ...]
    lines: tuple[Line, ...]

    def __len__(self) -> int:
        return sum(1 for line in self.lines if line.errors.total)

    def __str__(self) -> str:
        return "\n".join(_sheet_lines(self))

    def to_json(self) -> dict[str, Any]:
        """All fields as plain JSON values."""
        groups = {"speakers": self.speakers, "lengths": self.lengths}
        return {
            "normalisation": self.normal,
            "utterances": len(self.lines),
            "words": errors_to_json(self.words),
            "characters": errors_to_json(self.characters),
            **{
                name: {key: errors_to_json(errors) for key, errors in group.items()}
                for name, group in groups.items()
            },
            "confusions": [list(confusion) for confusion in self.confusions],
            "lines": [
                {**asdict(line), "errors": errors_to_json(line.errors)} for line in self.lines
            ],
        }

    def csv(self) -> str:
        """CSV text with a row for each utterance, those with most errors first."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(HEAD)
        for line in self.lines:
            e = line.errors
            texts = (line.name, line.speaker, line.reference, line.hypothesis)
            rows.writerow([*texts, e.length, e.substitutions, e.deletions, e.insertions])
        return text.getvalue()

    def save(self, path: str | Path) -> None:
        """Write ``csv()`` to a file.

        Raises:
            CannotWrite: if the disk is full or the folder read-only.
        """
        files.write(Path(path), self.csv())


def errors_to_json(errors: Errors) -> dict[str, float]:
    """Counts and rate in percent, as plain JSON values."""
    return {**asdict(errors), "length": errors.length, "rate": round(errors.rate, 4)}


def error_sheet(utterances: Iterable[Utterance], normal: str = "none") -> ErrorSheet:
    """The error sheet of some utterances.

    Raises:
        BadInput: if there are none.
        UnknownName: if there is no such normalisation.
    """
    lines: list[Line] = []
    confusions: Counter[tuple[str | None, str | None]] = Counter()
    for one in utterances:
        a, b = normalised(one.reference, normal), normalised(one.hypothesis, normal)
        pairs = align(a.split(), b.split())
        confusions.update(pair for pair in pairs if pair[0] != pair[1])
        lines.append(Line(one.name, one.speaker, a, b, count_pairs(pairs)))
    if not lines:
        raise BadInput("there are no utterances to compare; expected at least one")
    by_speaker = _sum_by_group((line.speaker, line.errors) for line in lines)
    by_length = _sum_by_group(
        (bisect_left(LENGTHS, line.errors.length), line.errors) for line in lines
    )
    ranked = sorted(confusions.items(), key=lambda item: (-item[1], str(item[0])))
    return ErrorSheet(
        normal,
        sum((line.errors for line in lines), Errors()),
        character_errors([x.reference for x in lines], [x.hypothesis for x in lines]),
        by_speaker,
        {_length_class(place): errors for place, errors in by_length.items()},
        tuple((reference, hypothesis, count) for (reference, hypothesis), count in ranked),
        tuple(sorted(lines, key=lambda line: (-line.errors.total, line.name))),
    )


def _sum_by_group(parts: Iterable[tuple[Group, Errors]]) -> dict[Group, Errors]:
    """The errors of each group, sorted by group."""
    groups: dict[Group, Errors] = {}
    for group, errors in parts:
        groups[group] = groups.get(group, Errors()) + errors
    return dict(sorted(groups.items()))


def _length_class(place: int) -> str:
    """The name of a group of lengths.

    >>> [_length_class(place) for place in (0, 4, 8)]
    ['0 words', '4-5 words', 'over 50 words']
    """
    if place == len(LENGTHS):
        return f"over {LENGTHS[-1]} words"
    first, last = LENGTHS[place - 1] + 1 if place else 0, LENGTHS[place]
    number = str(last) if first >= last else f"{first}-{last}"
    return f"{number} word{'s' * (last != 1)}"


def _sheet_lines(sheet: ErrorSheet) -> Iterator[str]:
    """The sheet as lines of text."""
    yield f"{len(sheet.lines)} utterances, normalisation: {sheet.normal}"
    yield from _groups("", {"words": sheet.words, "characters": sheet.characters})
    if set(sheet.speakers) != {""}:
        yield from _groups("speaker", {name or "?": e for name, e in sheet.speakers.items()})
    yield from _groups("reference", sheet.lengths)
    if sheet.confusions:
        yield f"\n{'count':>6}  reference -> hypothesis"
    for reference, hypothesis, count in sheet.confusions[:SHOWN]:
        deleted = f"{reference} deleted" if hypothesis is None else f"{reference} -> {hypothesis}"
        yield f"{count:>6}  {f'{hypothesis} inserted' if reference is None else deleted}"
    worst = [line for line in sheet.lines[:SHOWN] if line.errors.total]
    if worst:
        yield f"\n{'errors':>6}  utterances with most errors"
    for line in worst:
        speaker = f" ({line.speaker})" if line.speaker else ""
        yield f"{line.errors.total:>6}  {line.name}{speaker}"
        yield f"{'':8}reference  {_cut(line.reference)}"
        yield f"{'':8}hypothesis {_cut(line.hypothesis)}"


def _groups(title: str, groups: Mapping[str, Errors]) -> Iterator[str]:
    width = max([14, *map(len, groups)])
    yield (
        f"\n{title:{width}} {'errors %':>9} {'substituted':>12} {'deleted':>8} {'inserted':>9}"
        f" {'of':>8}"
    )
    for name, e in groups.items():
        yield (
            f"{name:{width}} {e.rate:>9.2f} {e.substitutions:>12} {e.deletions:>8}"
            f" {e.insertions:>9} {e.length:>8}"
        )


def _cut(text: str) -> str:
    if len(text) <= WIDEST:
        return text or "(nothing)"
    return f"{text[: WIDEST - 3]}..."
