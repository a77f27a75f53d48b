"""Modified Kneser-Ney: by hand, by its formula in dictionaries, and that all words sum to 1."""

import gzip
import math
import random
from collections import Counter

import numpy as np
import pytest

from tests.decoding.kenlm_peer import PEERS
from zoo.decoding import arpa
from zoo.decoding.kneser_ney import FALLBACK, discounts, learn, train
from zoo.errors import BadInput


def text(count, seed, words="aaaaabbbbcccddefgh"):
    draw = random.Random(seed)
    return [draw.choices(words, k=draw.randrange(1, 12)) for _ in range(count)]


class Formula:
    """The textbook's recursion over counts of tuples; nothing of it is shared with the zoo."""

    def __init__(self, sentences, order):
        raw = Counter()
        for sentence in sentences:
            whole = ("<s>", *sentence, "</s>")
            for n in range(1, order + 1):
                raw.update(whole[i : i + n] for i in range(len(whole) - n + 1))
        self.adjusted = {}
        for gram, count in raw.items():
            if len(gram) == order or gram[0] == "<s>":
                self.adjusted[gram] = count
            else:
                self.adjusted[gram] = len({g[0] for g in raw if g[1:] == gram})
        del self.adjusted["<s>",]
        self.discounts = {n: self._discounts(n) for n in range(1, order + 1)}
        self.words = sorted({gram[-1] for gram in self.adjusted})
        self.order = order

    def _discounts(self, n):
        of = Counter(count for gram, count in self.adjusted.items() if len(gram) == n)
        if not of[1] * of[2] * of[3]:
            return FALLBACK
        y = of[1] / (of[1] + 2 * of[2])
        found = [k - (k + 1) * y * of[k + 1] / of[k] for k in (1, 2, 3)]
        return found if all(0 < d <= k for k, d in enumerate(found, 1)) else FALLBACK

    def p(self, context, word):
        context = context[max(0, len(context) - self.order + 1) :]
        below = self.p(context[1:], word) if context else 1 / (len(self.words) + 1)
        three = self.discounts[len(context) + 1]
        follow = {w: self.adjusted.get((*context, w), 0) for w in self.words}
        total = sum(follow.values())
        if not total:
            return below
        taken = {w: three[min(a, 3) - 1] if a else 0 for w, a in follow.items()}
        own = (follow[word] - taken[word]) / total if word in follow else 0
        return own + sum(taken.values()) / total * below


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_it_is_the_formula(order):
    sentences = text(25, order)
    formula, model = Formula(sentences, order), train(sentences, order)
    for sentence in text(12, 99, "abcdefghz"):
        state = model.start()
        for place, word in enumerate(sentence):
            expected = formula.p(("<s>", *sentence[:place]), word)
            log_p, state = model.score(state, word)
            assert math.exp(log_p) == pytest.approx(expected, rel=1e-12)
        expected = formula.p(("<s>", *sentence), "</s>")
        assert math.exp(model.end(state)) == pytest.approx(expected, rel=1e-12)


def test_the_discounts_are_chen_and_goodmans():
    sentences = text(150, 0)
    learned = learn(sentences, 3)
    formula = Formula(sentences, 3)
    assert learned.fallback == (1,)
    for n, three in enumerate(learned.discounts, 1):
        assert three == pytest.approx(formula.discounts[n])
    assert learned.discounts[0] == FALLBACK
    assert learned.discounts[2] != FALLBACK


def test_a_corpus_by_hand():
    """Bigrams: <s> a twice; a b, b </s>, a </s> once. Before a and b stands one word, </s> two.

    No discounts can be found, so 0.5, 1, 1.5; four words are foreseen: a, b, </s>, <unk>.
    """
    model = train([["a", "b"], ["a"]], 2)
    p = {w: (a - d) / 4 + (0.5 + 0.5 + 1) / 4 / 4
         for w, a, d in [("a", 1, 0.5), ("b", 1, 0.5), ("</s>", 2, 1), ("z", 0, 0)]}  # fmt: skip
    assert p == {"a": 0.25, "b": 0.25, "</s>": 0.375, "z": 0.125}
    start = model.start()
    after_a = model.score(start, "a")[1]
    after_b = model.score(after_a, "b")[1]
    expected = {
        model.score(start, "a")[0]: (2 - 1) / 2 + 1 / 2 * p["a"],
        model.score(start, "b")[0]: 1 / 2 * p["b"],
        model.score(after_a, "b")[0]: (1 - 0.5) / 2 + (0.5 + 0.5) / 2 * p["b"],
        model.end(after_a): (1 - 0.5) / 2 + (0.5 + 0.5) / 2 * p["</s>"],
        model.end(after_b): (1 - 0.5) / 1 + 0.5 / 1 * p["</s>"],
        model.score(after_b, "z")[0]: 0.5 / 1 * p["z"],
        model.score((), "z")[0]: p["z"],
    }
    assert [math.exp(log_p) for log_p in expected] == pytest.approx(list(expected.values()))


def test_after_the_start_counts_are_raw():
    """Of order 3, <s> a occurs twice; its count is 2, although nothing ever stands before it."""
    model = train([["a"], ["a"], ["b"]], 3)
    a = model.levels[1].keys.tolist().index(1 * 5 + model.index["a"])
    unigram = math.exp(model.levels[0].log_p[model.index["a"]])
    assert math.exp(model.levels[1].log_p[a]) == pytest.approx((2 - 1) / 3 + 1.5 / 3 * unigram)


@pytest.mark.parametrize("order", range(1, 7))
def test_all_that_can_come_sums_to_one(order):
    model = train(text(30, order), order)
    words = [w for w in model.words if w in model]
    states = {(), model.start()}
    for sentence in text(30, order):
        for first in range(len(sentence)):
            state = () if first else model.start()
            for word in [*sentence[first : first + order - 1], "zebra"]:
                state = model.score(state, word)[1]
                states.add(state)
    assert len(states) >= (order > 1) * len(words)
    for state in states:
        p = [model.score(state, word)[0] for word in [*words, "<unk>"]] + [model.end(state)]
        assert sum(map(math.exp, p)) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("order", [2, 3, 6])
def test_written_it_gives_kenlms_scores(tmp_path, order, peer):
    model, path = train(text(60, 5), order), tmp_path / "lm.arpa"
    arpa.write(path, model)
    for sentence in text(20, 6, "abcdefghyz"):
        state = model.start()
        for word, theirs in zip([*sentence, None], PEERS[peer](path, sentence), strict=True):
            ours, state = model.score(state, word) if word else (model.end(state), state)
            assert ours / math.log(10) == pytest.approx(theirs, abs=1e-4)


def test_a_novels_beginning_gives_kenlms_scores(zoo_data, tmp_path):
    with gzip.open(zoo_data / "gutenberg" / "emma.txt.gz", "rt", encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip()]
    model, path = train(lines[:1500], 3), tmp_path / "lm.arpa"
    arpa.write(path, model)
    (scores, *_) = PEERS.values()
    for sentence in lines[1500:1508]:
        ours = model.sentence(sentence) / math.log(10)
        assert ours == pytest.approx(sum(scores(path, sentence)), abs=1e-4 * len(sentence) + 1e-4)
    assert model.perplexity(lines[1500:2000]) < train(lines[:1500], 1).perplexity(lines[1500:2000])


def test_rare_words_become_the_unknown_word():
    sentences = [["a", "b", "a"], ["a", "c"], ["b", "d"]]
    model = train(sentences, 2, min_count=2)
    assert model.words == ("<unk>", "<s>", "</s>", "a", "b")
    same = train([[w if w in "ab" else "<unk>" for w in s] for s in sentences], 2)
    for level, other in zip(model.levels, same.levels, strict=True):
        np.testing.assert_array_equal(level.keys, other.keys)
        np.testing.assert_array_equal(level.log_p, other.log_p)


def test_the_order_of_sentences_is_of_no_matter():
    sentences = text(40, 7)
    model, turned = train(sentences, 4), train(iter(sentences[::-1]), 4)
    for sentence in text(10, 8):
        assert model.sentence(sentence) == pytest.approx(turned.sentence(sentence), rel=1e-12)


def test_an_empty_sentence_is_one():
    model = train([[], [], ["a"]], 2)
    assert math.exp(model.end(model.start())) > 0.5


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([1, 1, 2, 3], (0.5, 0.5, 3.0)),
        ([1, 2, 4], None),  # nothing occurs three times
        ([1, 1, 2, 3, 3, 3], None),  # the second discount would be below 0
        ([], None),
    ],
)
def test_where_discounts_can_be_found(counts, expected):
    assert discounts(np.array(counts, dtype=np.int64)) == expected


@pytest.mark.parametrize(
    ("sentences", "options", "said"),
    [
        ([["a"]], {"order": 0}, "order must be 1 to 6, got 0"),
        ([["a"]], {"order": 7}, "order must be 1 to 6, got 7"),
        ([["a"]], {"order": 2, "min_count": 0}, "min_count must be at least 1, got 0"),
        ([["a"]], {"order": 4}, "no sentence is long enough for order 4; take 3"),
        ([], {}, "there is no sentence"),
        (["a b c"], {}, "expected sentences as lists of words"),
        ([["a", "</s>", "b"]], {}, "'</s>' stands in the text"),
        ([["a", "new york"]], {}, "'new york' is no word"),
        ([["a", ""]], {}, "'' is no word"),
    ],
)
def test_wrong_use_is_told(sentences, options, said):
    with pytest.raises(BadInput, match=said):
        train(sentences, **options)
