"""The error sheet of transcripts: who is misheard, in how long a sentence, what is taken for what.

Notes: course 3, week 2, "Carrying out error analysis", for course 5, week 3, "Speech recognition".
Rates are micro averages with substitutions, deletions and insertions (zoo/metrics/wer.py), each
group's over its own reference words; the normalisation stands on the sheet.
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

LENGTHS = (0, 1, 2, 3, 5, 10, 20, 50)  # where a class of lengths ends, in words of the reference
SHOWN = 10  # confusions and utterances on the sheet
WIDEST = 60  # characters of a text on the sheet
HEAD = ["name", "speaker", "reference", "hypothesis", "words", "substituted", "deleted", "inserted"]


Group = TypeVar("Group", int, str)


@dataclass(frozen=True)
class Utterance:
    """What was said and what was written down."""

    name: str  # such as the file
    reference: str
    hypothesis: str
    speaker: str = ""  # "": not known


@dataclass(frozen=True)
class Line:
    """An utterance as it was compared."""

    name: str
    speaker: str
    reference: str
    hypothesis: str
    errors: Errors


@dataclass(frozen=True)
class Sheet:
    """All of it.

    Attributes:
        normal: what was done to both texts first; a name of ``zoo.metrics.wer.NORMALISATIONS``.
        words, characters: over all utterances.
        speakers, lengths: words by speaker and by length of the reference.
        confusions: (reference word, written word, how often), the frequent first; None for a
            word that was left out or put in.
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
        return "\n".join(_table(self))

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        groups = {"speakers": self.speakers, "lengths": self.lengths}
        return {
            "normalisation": self.normal,
            "utterances": len(self.lines),
            "words": told(self.words),
            "characters": told(self.characters),
            **{name: {key: told(e) for key, e in part.items()} for name, part in groups.items()},
            "confusions": [list(confusion) for confusion in self.confusions],
            "lines": [{**asdict(line), "errors": told(line.errors)} for line in self.lines],
        }

    def csv(self) -> str:
        """A row for each utterance, those with most errors first, for a spreadsheet."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(HEAD)
        for line in self.lines:
            e = line.errors
            texts = (line.name, line.speaker, line.reference, line.hypothesis)
            rows.writerow([*texts, e.length, e.substitutions, e.deletions, e.insertions])
        return text.getvalue()

    def save(self, path: str | Path) -> None:
        """Write ``csv()``.

        Raises:
            CannotWrite: if the disk is full or the folder read-only.
        """
        files.write(Path(path), self.csv())


def told(errors: Errors) -> dict[str, float]:
    """Counts and rate in percent, for machines."""
    return {**asdict(errors), "length": errors.length, "rate": round(errors.rate, 4)}


def sheet(utterances: Iterable[Utterance], normal: str = "none") -> Sheet:
    """Compare all utterances.

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
    by_speaker = _by((line.speaker, line.errors) for line in lines)
    by_length = _by((bisect_left(LENGTHS, line.errors.length), line.errors) for line in lines)
    ranked = sorted(confusions.items(), key=lambda item: (-item[1], str(item[0])))
    return Sheet(
        normal,
        sum((line.errors for line in lines), Errors()),
        character_errors([x.reference for x in lines], [x.hypothesis for x in lines]),
        by_speaker,
        {_class(place): errors for place, errors in by_length.items()},
        tuple((said, heard, times) for (said, heard), times in ranked),
        tuple(sorted(lines, key=lambda line: (-line.errors.total, line.name))),
    )


def _by(parts: Iterable[tuple[Group, Errors]]) -> dict[Group, Errors]:
    """The sum of each group, sorted."""
    groups: dict[Group, Errors] = {}
    for group, errors in parts:
        groups[group] = groups.get(group, Errors()) + errors
    return dict(sorted(groups.items()))


def _class(place: int) -> str:
    """What a class of lengths is called.

    >>> [_class(place) for place in (0, 4, 8)]
    ['0 words', '4-5 words', 'over 50 words']
    """
    if place == len(LENGTHS):
        return f"over {LENGTHS[-1]} words"
    first, last = LENGTHS[place - 1] + 1 if place else 0, LENGTHS[place]
    number = str(last) if first >= last else f"{first}-{last}"
    return f"{number} word{'s' * (last != 1)}"


def _table(found: Sheet) -> Iterator[str]:
    """The sheet's lines."""
    yield f"{len(found.lines)} utterances, normalisation: {found.normal}"
    yield from _groups("", {"words": found.words, "characters": found.characters})
    if set(found.speakers) != {""}:
        yield from _groups("speaker", {name or "?": e for name, e in found.speakers.items()})
    yield from _groups("reference", found.lengths)
    if found.confusions:
        yield f"\n{'times':>6}  said -> written"
    for said, heard, times in found.confusions[:SHOWN]:
        change = f"{said} left out" if heard is None else f"{said} -> {heard}"
        yield f"{times:>6}  {f'{heard} put in' if said is None else change}"
    worst = [line for line in found.lines[:SHOWN] if line.errors.total]
    if worst:
        yield f"\n{'errors':>6}  most errors"
    for line in worst:
        who = f" ({line.speaker})" if line.speaker else ""
        yield f"{line.errors.total:>6}  {line.name}{who}"
        yield f"{'':8}said    {_cut(line.reference)}"
        yield f"{'':8}written {_cut(line.hypothesis)}"


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
