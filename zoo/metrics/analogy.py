"""The analogy test: "Athens is to Greece as Baghdad is to ?", all questions at once.

Paper: Mikolov et al. 2013, arXiv:1301.3781, sec. 4. As the program compute-accuracy of word2vec and
gensim count: only the first so many words of the vocabulary take part, upper and lower case are the
same (of several spellings the first counts), questions with a word that is missing are skipped,
the answer is the word nearest to b - a + c besides the three of the question.

b - a + c times all words is a sum of three rows of one table, the products of the question words
with all words, and there are few question words: a product of matrices for each block of the
vocabulary, a sum for each question, both in the cache.
Deviations: where case is ignored no spelling of a question word can be the answer; gensim gives up
after five such. Proof: tests/metrics/test_analogy.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from zoo.errors import BadInput

Question = tuple[str, str, str, str]
Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]
SEMANTIC = 5  # sections of questions-words.txt about the world; the others are about grammar
MOST = 30_000  # words that take part, as in compute-accuracy
TABLE = 1 << 20  # cosines of the question words with a block of the vocabulary: 4 MB
WIDTH = 4096  # words of a block: more leave the cache


@dataclass(frozen=True)
class Score:
    """How many of the answerable questions were answered correctly."""

    section: str
    correct: int
    asked: int
    skipped: int  # for a word that is missing

    @property
    def percent(self) -> float:
        """Accuracy on the answerable questions; NaN if there are none."""
        return 100 * self.correct / self.asked if self.asked else float("nan")

    def __str__(self) -> str:
        share = f"{self.percent:5.1f} %" if self.asked else "     -"
        return (
            f"{share}  {self.correct:5} of {self.asked:5}, {self.skipped:5} skipped  {self.section}"
        )


def analogy_scores(
    words: Sequence[str],
    unit: Matrix,
    sections: Mapping[str, Sequence[Question]],
    *,
    most: int | None = MOST,
    ignore_case: bool = True,
) -> list[Score]:
    """A score for each section, then "semantic" (the first five), "syntactic" and "total".

    Args:
        words: V of them, frequent ones first.
        unit: their vectors (V, D) at length 1.
        most: how many of the words take part; None is all.

    Raises:
        BadInput: for sizes that do not fit.
    """
    if len(unit) != len(words) or (most is not None and most < 1):
        raise BadInput(f"expected {len(words)} vectors and most >= 1, got {len(unit)} and {most}")
    words, unit = words[:most], unit[:most]
    same = spellings(words, ignore_case)
    scores = []
    for section, questions in sections.items():
        asked = _rows(questions, words, same, ignore_case)
        answers = answer(unit, asked[:, :3], same)
        correct = int((np.append(same, -1)[answers] == asked[:, 3]).sum())
        scores.append(Score(section, correct, len(asked), len(questions) - len(asked)))
    kinds = {"semantic": scores[:SEMANTIC], "syntactic": scores[SEMANTIC:], "total": scores}
    return scores + [_sum(kind, some) for kind, some in kinds.items()]


def _sum(name: str, scores: Sequence[Score]) -> Score:
    return Score(
        name,
        sum(score.correct for score in scores),
        sum(score.asked for score in scores),
        sum(score.skipped for score in scores),
    )


def spellings(words: Sequence[str], ignore_case: bool) -> Rows:
    """For each word the first row (V,) with the same spelling, ignoring case if asked to."""
    first: dict[str, int] = {}
    keys = (word.upper() for word in words) if ignore_case else iter(words)
    return np.array([first.setdefault(key, row) for row, key in enumerate(keys)], np.int64)


def _rows(
    questions: Sequence[Question], words: Sequence[str], same: Rows, ignore_case: bool
) -> Rows:
    """The rows (Q, 4) of the questions whose words are all known."""
    change = str.upper if ignore_case else str
    index = {change(words[row]): row for row in np.unique(same).tolist()}
    ids = [[index.get(change(word), -1) for word in question] for question in questions]
    rows = np.array(ids, np.int64).reshape(-1, 4)
    return rows[(rows >= 0).all(1)]


def answer(unit: Matrix, questions: Rows, same: Rows | None = None) -> Rows:
    """The rows (Q,) nearest to b - a + c of ``questions`` (Q, 3) = a, b, c; -1 where none is left.

    Args:
        unit: vectors (V, D) of length 1.
        same: of each word the first row (V,) that counts as the same; no word that counts as one of
            the question is an answer.
    """
    if not len(questions):
        return np.zeros(0, np.int64)
    same = np.arange(len(unit)) if same is None else same
    used, place = np.unique(questions, return_inverse=True)
    a, b, c = place.reshape(-1, 3).T
    pairs, pair = np.unique(np.stack([a, b]), axis=1, return_inverse=True)
    order = np.argsort(pair.ravel(), kind="stable")  # the questions of one a and b side by side
    ends = np.searchsorted(pair.ravel()[order], np.arange(pairs.shape[1] + 1)).tolist()
    width = min(WIDTH, max(64, TABLE // len(used)))
    excluded = _Excluded(same, questions[order], width)
    room = np.empty((max(np.diff(ends)), width), unit.dtype)
    c = c[order]
    best, cosine = np.full(len(order), -1), np.full(len(order), -np.inf, np.float32)
    for block, start in enumerate(range(0, len(unit), width)):
        table = unit[used] @ unit[start : start + width].T  # (words of the questions, width)
        for pair_number, (low, high) in enumerate(pairwise(ends)):
            first, second = pairs[:, pair_number]
            sums = room[: high - low, : table.shape[1]]
            table.take(c[low:high], 0, sums, "clip")  # "raise" would copy once more
            sums += table[second] - table[first]  # (questions of the pair, width)
            sums[excluded.within(block, low, high)] = -np.inf
            column = sums.argmax(1)
            largest = sums[np.arange(high - low), column]
            better = largest > cosine[low:high]
            cosine[low:high][better] = largest[better]
            best[low:high][better] = start + column[better]
    answers = np.empty_like(best)
    answers[order] = best
    return answers


class _Excluded:
    """Which words are excluded as answers of which question, by blocks of the vocabulary."""

    def __init__(self, same: Rows, questions: Rows, width: int) -> None:
        """All words that count as the same as one of a question (Q, 3)."""
        by_word = np.argsort(same, kind="stable")
        groups = same[questions].ravel()
        low = np.searchsorted(same[by_word], groups, "left")
        sizes = np.searchsorted(same[by_word], groups, "right") - low
        steps = np.arange(sizes.sum()) - np.repeat(sizes.cumsum() - sizes, sizes)
        rows = by_word[np.repeat(low, sizes) + steps]
        asked = np.repeat(np.arange(len(groups)) // questions.shape[1], sizes)
        self.count = len(questions)
        key = rows // width * self.count + asked
        order = np.argsort(key, kind="stable")
        self.key, self.asked, self.column = key[order], asked[order], rows[order] % width

    def within(self, block: int, low: int, high: int) -> tuple[Rows, Rows]:
        """(question - low, column) of the questions from ``low`` to ``high`` in a block."""
        start = block * self.count
        left, right = np.searchsorted(self.key, (start + low, start + high))
        return self.asked[left:right] - low, self.column[left:right]
