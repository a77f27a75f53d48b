"""The measures of zoo/practice/word_bias.py on the same words, before and after debiasing.

Words of WEAT: Caliskan et al. 2017, supplement, tests 6 and 7 (targets) with the terms for men and
women of test 7. Proof: tests/practice/test_word_bias_report.py.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from zoo.practice.word_bias import Weat, clustering, direct_bias, extremes, weat
from zoo.practice.word_debias import Floats

FIRST = ["female", "woman", "girl", "sister", "she", "her", "hers", "daughter"]
SECOND = ["male", "man", "boy", "brother", "he", "him", "his", "son"]
TESTS = {  # name -> targets that are said to lie with the first, with the second
    "family, career": (
        ["home", "parents", "children", "family", "cousins", "marriage", "wedding", "relatives"],
        [
            "executive",
            "management",
            "professional",
            "corporation",
            "salary",
            "office",
            "business",
            "career",
        ],
    ),
    "arts, mathematics": (
        ["poetry", "art", "dance", "literature", "novel", "symphony", "drama", "sculpture"],
        [
            "math",
            "algebra",
            "geometry",
            "calculus",
            "equations",
            "computation",
            "numbers",
            "addition",
        ],
    ),
}
FREQUENT = 20_000  # words of the vocabulary that are clustered from
Extremes = list[tuple[str, float]]


@dataclass(frozen=True)
class Bias:
    """What some vectors hold of a direction; None where too few of the words are known."""

    direct: float | None  # mean |cosine| of the words that ought to be neutral
    first: Extremes  # those furthest along the direction, with their cosines
    second: Extremes  # and furthest against it
    weat: dict[str, Weat | None]
    clustering: float | None  # part of the words that two clusters tell apart; 0.5 is chance

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


@dataclass(frozen=True)
class Questions:
    """What is looked at."""

    along: Floats  # (D,)
    judged: Sequence[str]  # words that ought to be neutral: professions
    free: Sequence[str]  # words that were neutralised, frequent ones first
    lean: Floats  # of those, their cosine with the direction before


def measure(index: dict[str, int], vectors: Floats, about: Questions) -> Bias:
    """All measures of vectors (V, D) of length 1; ``index`` is word -> row."""
    judged = [word for word in about.judged if word in index]
    rows = vectors[[index[word] for word in judged]]
    first, second = extremes(judged, rows, about.along) if judged else ([], [])
    free = [index[word] for word in about.free[:FREQUENT]]
    return Bias(
        direct_bias(rows, about.along) if judged else None,
        first,
        second,
        {name: _weat(index, vectors, *targets) for name, targets in TESTS.items()},
        clustering(about.lean[: len(free)], vectors[free]) if len(free) >= 4 else None,
    )


def _weat(
    index: dict[str, int], vectors: Floats, x: Sequence[str], y: Sequence[str]
) -> Weat | None:
    """With the words that are known; of the longer list the first, so that both are as long."""
    known = [[index[word] for word in words if word in index] for words in (x, y, FIRST, SECOND)]
    count = min(len(known[0]), len(known[1]))
    if count < 2 or not known[2] or not known[3]:
        return None
    one, two, a, b = (vectors[rows] for rows in (known[0][:count], known[1][:count], *known[2:]))
    return weat(one, two, a, b)


def table(before: Bias, after: Bias, names: tuple[str, str]) -> str:
    """The two beside each other, as text.

    Args:
        names: what the ends of the direction are called.
    """
    lines = [f"{'':34}{'before':>16}{'after':>16}"]
    lines.append(_line("direct bias", *(_number(b.direct) for b in (before, after))))
    for name in before.weat:
        cells = (_effect(b.weat[name]) for b in (before, after))
        lines.append(_line(f"WEAT {name}", *cells))
    cells = (_number(b.clustering) for b in (before, after))
    lines.append(_line("told apart by clusters (0.5: chance)", *cells))
    for said, bias in (("before", before), ("after", after)):
        for name, words in zip(names, (bias.first, bias.second), strict=True):
            lines.append(f"{said}, most {name}: {_named(words)}")
    return "\n".join(lines)


def _line(name: str, before: str, after: str) -> str:
    return f"{name:36}{before:>14}{after:>16}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _effect(found: Weat | None) -> str:
    return "-" if found is None else f"{found.effect:+.2f} (p {found.p:.3f})"


def _named(words: Extremes) -> str:
    return ", ".join(f"{word} {cosine:+.2f}" for word, cosine in words) or "no word is known"


def lean_of(index: dict[str, int], vectors: Floats, along: Floats, words: Sequence[str]) -> Floats:
    """Cosines (N,) of words with the direction, before anything was changed."""
    found: Floats = vectors[[index[word] for word in words]] @ along
    return np.asarray(found)
