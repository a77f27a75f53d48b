"""The analogy test: gensim's answers, and the formula one question at a time."""

import numpy as np
import pytest

from zoo.errors import BadInput
from zoo.metrics import analogy
from zoo.metrics.analogy import analogy_scores, answer


def unit_rows(count, dim=6, seed=0):
    matrix = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def one_at_a_time(unit, question, same):
    rows = unit.astype(np.float64)
    a, b, c = question
    cosines = rows @ (rows[b] - rows[a] + rows[c])
    cosines[np.isin(same, same[list(question)])] = -np.inf
    return cosines.argmax()


@pytest.mark.parametrize("width", [64, 100, 4096])
def test_all_at_once_is_one_at_a_time(monkeypatch, width):
    monkeypatch.setattr(analogy, "WIDTH", width)
    draw = np.random.default_rng(1)
    unit, same = unit_rows(300), np.arange(300)
    same[100:130] = same[np.repeat(np.arange(10), 3)]  # three more spellings of the first ten
    questions = np.concatenate([draw.integers(0, 20, (200, 3)), draw.integers(0, 300, (50, 3))])
    expected = [one_at_a_time(unit, question, same) for question in questions]
    assert answer(unit, questions, same).tolist() == expected
    plain = [one_at_a_time(unit, question, np.arange(300)) for question in questions]
    assert answer(unit, questions).tolist() == plain
    assert plain != expected


WORDS = [*"abcdefgh", "A", "B", "x", "Y", *(f"w{i}" for i in range(200))]


def some_sections(count):
    draw = np.random.default_rng(3)
    names = [f"section {i}" for i in range(6)]
    pool = [*WORDS[:40], "missing"]
    return {
        name: [tuple(pool[i] for i in draw.choice(len(pool), 4, False)) for _ in range(count)]
        for name in names
    }


@pytest.mark.parametrize("ignore_case", [True, False])
def test_the_scores_are_gensims(tmp_path, ignore_case):
    peer = pytest.importorskip("gensim.models").KeyedVectors(6)
    unit, sections = unit_rows(len(WORDS), seed=4), some_sections(40)
    for questions in sections.values():  # a third of them is right
        for n, (a, b, c, _) in enumerate(questions[::3]):
            if "missing" not in (a, b, c):
                rows = np.array([[WORDS.index(w) for w in (a, b, c)]])
                same = analogy.spellings(WORDS, ignore_case)
                questions[3 * n] = (a, b, c, WORDS[answer(unit, same[rows], same)[0]])
    peer.add_vectors(WORDS, unit)
    file = tmp_path / "questions.txt"
    lines = [f": {k}\n" + "".join(" ".join(q) + "\n" for q in v) for k, v in sections.items()]
    file.write_text("".join(lines))
    for most in (len(WORDS), 30):
        _, theirs = peer.evaluate_word_analogies(
            str(file), restrict_vocab=most, case_insensitive=ignore_case
        )
        *ours, semantic, syntactic, total = analogy_scores(
            WORDS, unit, sections, most=most, ignore_case=ignore_case
        )
        pairs = [(len(s["correct"]), len(s["correct"]) + len(s["incorrect"])) for s in theirs]
        assert [(s.correct, s.asked) for s in [*ours, total]] == pairs
        assert (semantic.correct, syntactic.correct) == (
            sum(s.correct for s in ours[:5]),
            ours[5].correct,
        )
        assert all(score.asked + score.skipped == 40 for score in ours)
        assert 0 < total.correct < total.asked < 240


def test_nothing_to_ask():
    *_, total = analogy_scores("ab", np.eye(2, dtype=np.float32), {"s": [("a", "b", "c", "d")]})
    assert (total.asked, total.skipped) == (0, 1)
    assert np.isnan(total.percent)
    assert "-      0 of     0,     1 skipped  total" in str(total)
    # where the question takes every word there is no answer, and so no right one
    *_, total = analogy_scores("ab", np.eye(2, dtype=np.float32), {"s": [("a", "b", "a", "b")]})
    assert (total.correct, total.asked) == (0, 1)


def test_sizes_that_do_not_fit():
    with pytest.raises(BadInput, match="expected 2 vectors and most >= 1, got 3"):
        analogy_scores("ab", unit_rows(3), {})
    with pytest.raises(BadInput, match="got 2 and 0"):
        analogy_scores("ab", unit_rows(2), {}, most=0)
