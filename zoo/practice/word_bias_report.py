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
TESTS = {  # name -> targets associated with the attributes FIRST, with SECOND
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
FREQUENT = 20_000  # most frequent words, among which the clustered ones are chosen
Extremes = list[tuple[str, float]]


@dataclass(frozen=True)
class Bias:
    """The bias of word vectors along a direction; None if too few of the words are known."""

    direct: float | None  # mean |cosine| of the words that should be neutral
    first: Extremes  # words with the highest cosines
    second: Extremes  # words with the lowest cosines
    weat: dict[str, Weat | None]
    clustering: float | None  # accuracy of two clusters; 0.5 is chance

    def to_json(self) -> dict[str, Any]:
        """All fields as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class BiasWords:
    """The direction, and the words on which the bias is measured."""

    direction: Floats  # (D,)
    judged: Sequence[str]  # words that should be neutral: professions
    neutralised: Sequence[str]  # words that are neutralised, frequent ones first
    cosines: Floats  # of these words with the direction, before debiasing


def measure(index: dict[str, int], vectors: Floats, about: BiasWords) -> Bias:
    """All measures of vectors (V, D) of length 1; ``index`` is word -> row."""
    judged = [word for word in about.judged if word in index]
    rows = vectors[[index[word] for word in judged]]
    first, second = extremes(judged, rows, about.direction) if judged else ([], [])
    neutralised = [index[word] for word in about.neutralised[:FREQUENT]]
    return Bias(
        direct_bias(rows, about.direction) if judged else None,
        first,
        second,
        {name: _weat(index, vectors, *targets) for name, targets in TESTS.items()},
        clustering(about.cosines[: len(neutralised)], vectors[neutralised])
        if len(neutralised) >= 4
        else None,
    )


def _weat(
    index: dict[str, int], vectors: Floats, x: Sequence[str], y: Sequence[str]
) -> Weat | None:
    """WEAT with the known words; the longer list of targets is truncated to the shorter one."""
    known = [[index[word] for word in words if word in index] for words in (x, y, FIRST, SECOND)]
    count = min(len(known[0]), len(known[1]))
    if count < 2 or not known[2] or not known[3]:
        return None
    one, two, a, b = (vectors[rows] for rows in (known[0][:count], known[1][:count], *known[2:]))
    return weat(one, two, a, b)


def table(before: Bias, after: Bias, names: tuple[str, str]) -> str:
    """Both measurements side by side, as text.

    Args:
        names: of the two ends of the direction.
    """
    lines = [f"{'':34}{'before':>16}{'after':>16}"]
    lines.append(_line("direct bias", *(_number(b.direct) for b in (before, after))))
    for name in before.weat:
        cells = (_effect(b.weat[name]) for b in (before, after))
        lines.append(_line(f"WEAT {name}", *cells))
    cells = (_number(b.clustering) for b in (before, after))
    lines.append(_line("accuracy of clusters (0.5: chance)", *cells))
    for when, bias in (("before", before), ("after", after)):
        for name, words in zip(names, (bias.first, bias.second), strict=True):
            lines.append(f"{when}, most {name}: {_words_with_cosines(words)}")
    return "\n".join(lines)


def _line(name: str, before: str, after: str) -> str:
    return f"{name:36}{before:>14}{after:>16}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _effect(test: Weat | None) -> str:
    return "-" if test is None else f"{test.effect:+.2f} (p {test.p:.3f})"


def _words_with_cosines(words: Extremes) -> str:
    return ", ".join(f"{word} {cosine:+.2f}" for word, cosine in words) or "no word is known"


def cosines_with(
    index: dict[str, int], vectors: Floats, direction: Floats, words: Sequence[str]
) -> Floats:
    """Cosines (N,) of words with the direction; vectors (V, D) and direction have length 1."""
    return np.asarray(vectors[[index[word] for word in words]] @ direction)
