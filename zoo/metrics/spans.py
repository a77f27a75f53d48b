"""Precision, recall and F1 of spans, as the conlleval script counts.

A span is right if its type, first word and last word all are. Tjong Kim Sang & Buchholz 2000.
Surface forms: Derczynski et al. 2017 (WNUT-17): of the *different* spans of the
whole set, type and words, how many are found; a name that occurs a hundred times counts once.
Proof: tests/metrics/test_spans.py (seqeval).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zoo.errors import BadInput
from zoo.ops.tags import spans

Tags = Sequence[str]


@dataclass(frozen=True)
class Counts:
    """How many spans there are, how many were said to be there, and how many of those are."""

    gold: int = 0
    said: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """Percent of what was said; 0 if nothing was."""
        return 100 * self.right / self.said if self.said else 0.0

    @property
    def recall(self) -> float:
        """Percent of what is there; 0 if nothing is."""
        return 100 * self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both, percent; 0 if nothing is right."""
        return 200 * self.right / (self.gold + self.said) if self.right else 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.gold + other.gold, self.said + other.said, self.right + other.right)


def count_spans(gold: Iterable[Tags], said: Iterable[Tags]) -> dict[str, Counts]:
    """Counts of each type, sorted by name; ``total`` adds them up.

    Raises:
        BadInput: if a sentence has more tags on one side.
    """
    there: Counter[str] = Counter()
    told: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for a, b in zip(gold, said, strict=True):
        if len(a) != len(b):
            raise BadInput(f"a sentence has {len(a)} tags and {len(b)} predicted ones")
        one, other = set(spans(a)), set(spans(b))
        there.update(span.type for span in one)
        told.update(span.type for span in other)
        right.update(span.type for span in one & other)
    return {kind: Counts(there[kind], told[kind], right[kind]) for kind in sorted(there | told)}


def total(counts: dict[str, Counts]) -> Counts:
    """All types together (micro average)."""
    return sum(counts.values(), Counts())


def count_surfaces(words: Iterable[Tags], gold: Iterable[Tags], said: Iterable[Tags]) -> Counts:
    """Counts of different (type, words) pairs over all sentences."""
    there: set[tuple[str, ...]] = set()
    told: set[tuple[str, ...]] = set()
    for sentence, a, b in zip(words, gold, said, strict=True):
        for tags, into in ((a, there), (b, told)):
            into.update((s.type, *sentence[s.start : s.end]) for s in spans(tags))
    return Counts(len(there), len(told), len(there & told))


def table(counts: dict[str, Counts]) -> str:
    """A line for each type and one for all: precision, recall, F1, how many were said to be there.

    >>> print(table({"person": Counts(4, 2, 1)}))
                     precision   recall       F1  found   gold
    person               50.00    25.00    33.33      2      4
    all                  50.00    25.00    33.33      2      4
    """
    width = max([14, *map(len, counts)])
    lines = [f"{'':{width}} {'precision':>11} {'recall':>8} {'F1':>8} {'found':>6} {'gold':>6}"]
    for kind, c in [*counts.items(), ("all", total(counts))]:
        figures = f"{c.precision:>11.2f} {c.recall:>8.2f} {c.f1:>8.2f} {c.said:>6} {c.gold:>6}"
        lines.append(f"{kind:{width}} {figures}")
    return "\n".join(lines)
