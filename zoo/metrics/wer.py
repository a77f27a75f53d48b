"""Word and character error rates: substitutions, deletions, insertions, and where they are.

The edit distance of Levenshtein 1966 with costs of one; a set's rate is the sum of its errors over
the sum of its reference units (micro average), never the mean of the utterances' rates.
Notes: course 5, week 3, "Speech recognition".

The alignment is one of the shortest. Of several that are as short, the one that jiwer 4 takes
(rapidfuzz's) is given: equal ends are paired first; then from the end a deletion, an insertion that
leads to fewer errors than a pair, a pair. So the three counts are jiwer's too.
An utterance whose reference is empty adds its insertions; if all references are empty, the
rate is 100 % for each insertion, 0 without any (jiwer 4).

Deviations: rates are percent (jiwer: parts of one); words are split at any whitespace, and several
blanks in a row are one character (jiwer: splits at the blank, each blank counts as a character).
Proof: tests/metrics/test_wer.py (jiwer).
"""

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from zoo.errors import BadInput, unknown

Unit = TypeVar("Unit", bound=Hashable)
Pair = tuple[Unit | None, Unit | None]  # reference and hypothesis; None: no unit there
APOSTROPHES = {"\u2019": "'", "\u02bc": "'"}
DELETE, INSERT = 1, 2  # bits: the step that leads to a cell of the table


def plain(text: str) -> str:
    """Lower case without punctuation; an apostrophe stays between two letters or digits.

    Other punctuation and symbols become blanks, so that "twenty-five" is two words.

    >>> plain("Don't -- 'twenty-five'!")
    "don't twenty five"
    """
    text = "".join(APOSTROPHES.get(c, c) for c in unicodedata.normalize("NFC", text).lower())
    around = zip(" " + text, text, text[1:] + " ", strict=False)
    return " ".join("".join(_kept(*three) for three in around).split())


def _kept(before: str, c: str, after: str) -> str:
    if c == "'" and before.isalnum() and after.isalnum():
        return c
    return " " if unicodedata.category(c)[0] in "PSC" else c


NORMALISATIONS: dict[
    str, Callable[[str], str]
] = {  # applied to both texts before they are compared
    "none": lambda text: " ".join(text.split()),
    "lower": lambda text: " ".join(text.lower().split()),
    "lower, no punctuation": plain,
}


@dataclass(frozen=True)
class Errors:
    """Counts of one alignment, or of many added up."""

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    @property
    def total(self) -> int:
        """How many units are wrong."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def length(self) -> int:
        """How many units the reference has."""
        return self.hits + self.substitutions + self.deletions

    @property
    def rate(self) -> float:
        """Percent; of an empty reference 100 for each insertion. It may be above 100."""
        return 100 * self.total / max(self.length, 1)

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            self.hits + other.hits,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )

    def __str__(self) -> str:
        return (
            f"{self.rate:.2f} % ({self.substitutions} substituted, {self.deletions} deleted, "
            f"{self.insertions} inserted of {self.length})"
        )


def normalised(text: str, normal: str) -> str:
    """``text`` after normalisation.

    Raises:
        UnknownName: if there is no normalisation of that name.
    """
    if normal not in NORMALISATIONS:
        raise unknown("normalisation", normal, NORMALISATIONS)
    return NORMALISATIONS[normal](text)


def align(reference: Sequence[Unit], hypothesis: Sequence[Unit]) -> list[Pair[Unit]]:
    """A shortest alignment, from the first unit to the last.

    Needs a byte for each pair of units between the first and the last difference.

    >>> align("the cat sat".split(), "cat sat down".split())
    [('the', None), ('cat', 'cat'), ('sat', 'sat'), (None, 'down')]
    """
    start, end = _equal_ends(reference, hypothesis)
    a, b = reference[start : len(reference) - end], hypothesis[start : len(hypothesis) - end]
    pairs: list[Pair[Unit]] = []
    steps, i, j = _steps(a, b), len(a), len(b)
    while i or j:
        step = steps[i, j]
        i -= step != INSERT
        j -= step != DELETE
        pairs.append((a[i] if step != INSERT else None, b[j] if step != DELETE else None))
    same: list[Pair[Unit]] = [(unit, unit) for unit in reference]
    return same[:start] + pairs[::-1] + same[len(same) - end :]


def _equal_ends(a: Sequence[Unit], b: Sequence[Unit]) -> tuple[int, int]:
    """How many units are the same at the beginning, and of the rest at the end."""
    shorter = min(len(a), len(b))
    start = next((k for k in range(shorter) if a[k] != b[k]), shorter)
    left = shorter - start
    return start, next((k for k in range(left) if a[-1 - k] != b[-1 - k]), left)


def _steps(a: Sequence[Unit], b: Sequence[Unit]) -> np.ndarray:
    """For each cell (i, j) the last step of a shortest way there: DELETE, INSERT or 0, a pair.

    A row of the table of distances is one pass: the best over k <= j of above[k] + (j - k) is a
    running minimum of above[k] - k.
    """
    ids: dict[Unit, int] = {}
    left = [ids.setdefault(unit, len(ids)) for unit in a]
    right = np.array([ids.setdefault(unit, len(ids)) for unit in b], np.int32)
    across = np.arange(len(b) + 1, dtype=np.int32)
    steps = np.zeros((len(a) + 1, len(b) + 1), np.uint8)
    steps[0, 1:] = INSERT
    row = across
    for i, unit in enumerate(left, 1):
        best = row + 1
        np.minimum(best[1:], row[:-1] + (right != unit), out=best[1:])
        best = np.minimum.accumulate(best - across) + across
        steps[i, 1:][best[:-1] < row[:-1]] = INSERT
        steps[i, best == row + 1] = DELETE
        row = best
    return steps


def count(reference: Sequence[Unit], hypothesis: Sequence[Unit]) -> Errors:
    """The errors of one hypothesis."""
    return count_pairs(align(reference, hypothesis))


def count_pairs(pairs: Iterable[Pair[Unit]]) -> Errors:
    """The errors of an alignment."""
    counts = [0, 0, 0, 0]
    for a, b in pairs:
        counts[2 if b is None else 3 if a is None else int(a != b)] += 1
    return Errors(*counts)


def word_errors(
    references: Iterable[str], hypotheses: Iterable[str], normal: str = "none"
) -> Errors:
    """Over all utterances, in words.

    Raises:
        BadInput: if there are not as many hypotheses as references.
        UnknownName: as ``normalised``.
    """
    pairs = _paired(references, hypotheses, normal)
    return sum((count(a.split(), b.split()) for a, b in pairs), Errors())


def character_errors(
    references: Iterable[str],
    hypotheses: Iterable[str],
    normal: str = "none",
    *,
    blanks: bool = True,
) -> Errors:
    """Over all utterances, in characters (Unicode code points).

    Args:
        blanks: whether the blank between words is a character (jiwer) or left out.

    Raises:
        BadInput, UnknownName: as ``word_errors``.
    """
    pairs = _paired(references, hypotheses, normal)
    if not blanks:
        pairs = [(a.replace(" ", ""), b.replace(" ", "")) for a, b in pairs]
    return sum((count(a, b) for a, b in pairs), Errors())


def _paired(
    references: Iterable[str], hypotheses: Iterable[str], normal: str
) -> list[tuple[str, str]]:
    a, b = ([normalised(text, normal) for text in texts] for texts in (references, hypotheses))
    if len(a) != len(b):
        raise BadInput(f"{len(a)} references but {len(b)} hypotheses; expected one for each")
    return list(zip(a, b, strict=True))
