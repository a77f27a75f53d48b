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
    """How many spans there are, how many are predicted, and how many of those are correct."""

    gold: int = 0
    predicted: int = 0
    correct: int = 0

    @property
    def precision(self) -> float:
        """Percent of the predicted ones; 0 if there are none."""
        return 100 * self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Percent of the gold ones; 0 if there are none."""
        return 100 * self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both, percent; 0 if none is correct."""
        return 200 * self.correct / (self.gold + self.predicted) if self.correct else 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.gold + other.gold, self.predicted + other.predicted, self.correct + other.correct
        )


def count_spans(gold: Iterable[Tags], predicted: Iterable[Tags]) -> dict[str, Counts]:
    """Counts of each type, sorted by name; ``total`` adds them up.

    Raises:
        BadInput: if a sentence has more tags on one side.
    """
    in_gold: Counter[str] = Counter()
    in_prediction: Counter[str] = Counter()
    correct: Counter[str] = Counter()
    for a, b in zip(gold, predicted, strict=True):
        if len(a) != len(b):
            raise BadInput(f"a sentence has {len(a)} tags and {len(b)} predicted ones")
        one, other = set(spans(a)), set(spans(b))
        in_gold.update(span.type for span in one)
        in_prediction.update(span.type for span in other)
        correct.update(span.type for span in one & other)
    kinds = sorted(in_gold | in_prediction)
    return {k: Counts(in_gold[k], in_prediction[k], correct[k]) for k in kinds}


def total(counts: dict[str, Counts]) -> Counts:
    """All types together (micro average)."""
    return sum(counts.values(), Counts())


def count_surfaces(
    words: Iterable[Tags], gold: Iterable[Tags], predicted: Iterable[Tags]
) -> Counts:
    """Counts of different (type, words) pairs over all sentences."""
    in_gold: set[tuple[str, ...]] = set()
    in_prediction: set[tuple[str, ...]] = set()
    for sentence, a, b in zip(words, gold, predicted, strict=True):
        for tags, into in ((a, in_gold), (b, in_prediction)):
            into.update((s.type, *sentence[s.start : s.end]) for s in spans(tags))
    return Counts(len(in_gold), len(in_prediction), len(in_gold & in_prediction))


def table(counts: dict[str, Counts]) -> str:
    """A line for each type and one for all: precision, recall, F1, and the counts.

    >>> print(table({"person": Counts(4, 2, 1)}))
                     precision   recall       F1  found   gold
    person               50.00    25.00    33.33      2      4
    all                  50.00    25.00    33.33      2      4
    """
    width = max([14, *map(len, counts)])
    lines = [f"{'':{width}} {'precision':>11} {'recall':>8} {'F1':>8} {'found':>6} {'gold':>6}"]
    for kind, c in [*counts.items(), ("all", total(counts))]:
        figures = f"{c.precision:>11.2f} {c.recall:>8.2f} {c.f1:>8.2f} {c.predicted:>6} {c.gold:>6}"
        lines.append(f"{kind:{width}} {figures}")
    return "\n".join(lines)
