"""Time to solve the analogies of questions-words.txt, the zoo's code and gensim's.

zoo/metrics/analogy.py and KeyedVectors.evaluate_word_analogies, on random vectors.
Proof: tests/bench/common/test_gensim.py.
"""

import tempfile
from pathlib import Path
from typing import Any

from zoo.bench.common.gensim import COLUMNS, Row, models, random_vectors, row
from zoo.data.text.word_tests import Sections
from zoo.datasets.google_analogies import google_analogies
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadFile
from zoo.metrics.analogy import Score, analogy_scores

ROUNDS = 1
HEAD = COLUMNS


def run(rounds: int, sections: Sections | None = None, *, words: int = 100_000) -> list[Row]:
    """Time both sides with all words as candidates.

    Args:
        rounds: how often each side runs.
        sections: questions; default: the published ones, which must be in ``$ZOO_DATA``.
        words: number of vectors, of 100 dimensions.

    Raises:
        Missing: if the questions are missing or gensim is not installed.
        BadFile: if the two sides do not give the same scores.
    """
    peer, sections = models().KeyedVectors, sections or google_analogies().sections
    vectors = random_vectors(sections, words)
    answers: dict[str, Any] = {}

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "questions.txt"
        _write(file, sections)

        def ours() -> Work:
            fresh = type(vectors)(vectors.words, vectors.matrix)  # no norms from the last round
            return lambda: answers.update(ours=_score(fresh, sections))

        def theirs() -> Work:
            fresh = peer(vectors.dim)
            fresh.add_vectors(list(vectors.words), vectors.matrix)
            args = {"restrict_vocab": len(vectors)}
            return lambda: answers.update(
                theirs=fresh.evaluate_word_analogies(str(file), **args)[1]
            )

        times = interleaved({"ours": ours, "gensim": theirs}, rounds)
    asked = _check_same_scores(answers["ours"], answers["theirs"])
    what = f"{asked} analogies, {len(vectors)} x {vectors.dim}"
    return [row(what, times["ours"], times["gensim"])]


def _score(vectors: Any, sections: Sections) -> list[Score]:
    return analogy_scores(vectors.words, vectors.unit, sections, most=None)


def _write(file: Path, sections: Sections) -> None:
    parts = (f": {name}\n" + "".join(f"{' '.join(q)}\n" for q in asked)
             for name, asked in sections.items())  # fmt: skip
    file.write_text("".join(parts), encoding="utf-8")


def _check_same_scores(ours: list[Score], theirs: list[dict[str, Any]]) -> int:
    """The number of questions; raises BadFile if the two sides give different scores."""
    our_scores = [(s.section, s.correct, s.asked) for s in ours[:-3]]
    their_scores = [
        (s["section"], len(s["correct"]), len(s["correct"]) + len(s["incorrect"]))
        for s in theirs[:-1]
    ]
    if our_scores != their_scores:
        pairs = zip(our_scores, their_scores, strict=True)
        one, other = next(pair for pair in pairs if pair[0] != pair[1])
        raise BadFile(f"the sides answer differently: ours {one}, gensim {other}")
    return ours[-1].asked
