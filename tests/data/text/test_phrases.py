"""Pairs are those that a count by hand finds, and they are joined from left to right."""

import random
from pathlib import Path

import pytest

from zoo.data.text.corpus import Corpus
from zoo.data.text.phrases import Phrases, joined, with_phrases
from zoo.errors import BadInput
from zoo.recipes.own.word_vectors import own_recipe


def text(folder, sentences):
    path = Path(folder) / "text.txt"
    path.write_text("\n".join(" ".join(s) for s in sentences))
    return Corpus(path)


def random_text(folder):
    draw = random.Random(0)
    words = [f"w{n}" for n in range(12)]
    chance = [1 / (n + 1) for n in range(12)]
    return text(folder, [draw.choices(words, chance, k=draw.randint(1, 9)) for _ in range(150)])


@pytest.mark.parametrize("threshold", [0.5, 0.65, 0.8])
def test_pairs_are_those_of_a_count_by_hand(tmp_path, threshold):
    corpus = random_text(tmp_path)
    sentences = list(corpus.sentences())
    flat = [word for s in sentences for word in s]
    want = set()
    for a in set(flat):
        for b in set(flat):
            n = sum(s[i : i + 2] == [a, b] for s in sentences for i in range(len(s)))
            score = (n - 3) / (flat.count(a) * flat.count(b)) * len(flat)
            if min(flat.count(a), flat.count(b)) >= 3 and score > threshold:
                want.add((a, b))
    assert Phrases(corpus, threshold=threshold, min_count=3).pairs == want
    assert 0 < len(want) < 100


def test_the_second_word_of_a_phrase_begins_no_other():
    pairs = frozenset({("a", "b"), ("b", "c"), ("a", "a")})
    assert joined(["a", "b", "c"], pairs) == ["a_b", "c"]
    assert joined(["a", "a", "a"], pairs) == ["a_a", "a"]
    assert joined(["x", "b", "c", "a", "b"], pairs) == ["x", "b_c", "a_b"]
    assert joined([], pairs) == []


def test_a_score_must_be_above_the_threshold_and_no_pair_crosses_a_line(tmp_path):
    corpus = text(tmp_path, [["a", "b"]] * 10 + [["c"], ["d"]] * 10)
    # (10 - 5) / (10 * 10) * 40 = 2
    assert Phrases(corpus, threshold=2.0).pairs == frozenset()
    assert Phrases(corpus, threshold=1.99).pairs == {("a", "b")}


def topical(folder):
    """Words that occur once, and phrases; "new york" scores 217, "the new" and its like 186."""
    rest = [[f"x{n}", f"y{n}"] for n in range(4900)]
    return text(folder, rest + [["the", "new", "york", "times"], ["new", "york"]] * 20)


def test_two_passes_join_three_words_and_the_result_is_a_corpus(tmp_path):
    plain = topical(tmp_path)
    assert with_phrases(plain, 0) is plain
    one, two = with_phrases(plain, 1), with_phrases(plain, 2)
    assert one.counts["new_york"] == 20
    assert one.counts["the_new"] == 20
    assert one.counts["york_times"] == 20
    assert len({corpus.digest() for corpus in (plain, one, two)}) == 3
    assert (two.counts["the_new_york"], two.counts["times"], two.counts["new_york"]) == (20,) * 3
    assert next(iter(two.sentences())) == ["x0", "y0"]
    vocabulary, counts = one.frequent(5)
    assert set(vocabulary.words) == {"new_york", "the_new", "york_times"}
    assert len(one.encode(vocabulary).tokens) == counts.sum() == 60
    assert (one.name, one.licence) == (plain.name, plain.licence)


def test_phrases_of_ones_own_text_are_learned_from(tmp_path):
    path = topical(tmp_path).paths[0]
    recipe = own_recipe("word2vec", path, {"phrases": "1", "tokens": "lower"})
    assert "new_york" in recipe.data().counts
    assert "new_york" not in own_recipe("glove", path, {}).data().counts


def test_settings_that_mean_nothing_are_refused(tmp_path):
    corpus = random_text(tmp_path)
    with pytest.raises(BadInput, match="0, 1 or 2 passes, got 3"):
        with_phrases(corpus, 3)
    with pytest.raises(BadInput, match="0, 1 or 2 passes, got 3"):
        own_recipe("word2vec", corpus.paths[0], {"phrases": "3"})
    with pytest.raises(BadInput, match="at least 0"):
        Phrases(corpus, threshold=-1)
