"""Backing off: against KenLM and a table in dictionaries, word by word and all at once."""

import itertools
import math
import random

import numpy as np
import pytest

from tests.decoding.kenlm_peer import PEERS
from zoo.decoding import arpa
from zoo.decoding.kneser_ney import train
from zoo.decoding.ngram import Level, NGram
from zoo.errors import BadInput

LN10 = math.log(10)
WORDS = ["a", "b", "c", "d"]


def random_tables(seed, order=4):
    """n-gram -> (log10 p, log10 weight): every context is there, the rest may be missing.

    So may be, of some, the n-gram without its first word: KenLM's tables have room for a few.
    """
    draw = random.Random(seed)

    def numbers():
        return -draw.uniform(0.1, 3), draw.choice([0.0, draw.uniform(-1, 0.5)])

    tables = [{(w,): numbers() for w in ["<unk>", "<s>", "</s>", *WORDS]}]
    for length in range(2, order + 1):
        begin = [gram for gram in tables[-1] if gram[-1] not in ("</s>", "<unk>")]
        grams = [(*gram, w) for gram in begin for w in [*WORDS, "</s>"]]
        longer = [g for g in grams if draw.random() < (0.5 if g[1:] in tables[-1] else 0.05)]
        tables.append({gram: numbers() if length < order else (numbers()[0], 0) for gram in longer})
    return tables


def arpa_text(tables):
    lines = ["\\data\\", *(f"ngram {n}={len(table)}" for n, table in enumerate(tables, 1))]
    for n, table in enumerate(tables, 1):
        lines += ["", f"\\{n}-grams:"]
        for gram, (p, weight) in table.items():
            tail = f"\t{weight:.6f}" if n < len(tables) else ""
            lines.append(f"{p:.6f}\t{' '.join(gram)}{tail}")
    return "\n".join([*lines, "", "\\end\\", ""])


def by_the_definition(tables, context, word):
    context = context[max(0, len(context) - len(tables) + 1) :]
    listed = tables[len(context)].get((*context, word))
    if listed:
        return listed[0]
    weight = tables[len(context) - 1].get(context, (0, 0))[1]
    return weight + by_the_definition(tables, context[1:], word)


def sentences(count, seed):
    draw = random.Random(seed)
    return [draw.choices([*WORDS, "odd"], k=draw.randrange(9)) for _ in range(count)]


def word_by_word(model, sentence):
    state, scores = model.start(), []
    for word in sentence:
        log_p, state = model.score(state, word)
        scores.append(log_p)
    return [*scores, model.end(state)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("peer", PEERS)
def test_scores_are_kenlms_and_the_definitions(tmp_path, seed, peer):
    tables = random_tables(seed)
    path = tmp_path / "lm.arpa"
    path.write_text(arpa_text(tables))
    model = arpa.read(path)
    for sentence in sentences(25, seed):
        ours = [score / LN10 for score in word_by_word(model, sentence)]
        assert ours == pytest.approx(PEERS[peer](path, sentence), abs=1e-4)
        known = tuple(w if w in WORDS else "<unk>" for w in sentence)
        for place, word in enumerate([*known, "</s>"]):
            expected = by_the_definition(tables, ("<s>", *known[:place]), word)
            assert ours[place] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("order", range(1, 7))
def test_all_at_once_is_word_by_word(order):
    model = train(sentences(40, 1), order)
    text = sentences(30, 2)
    fit = model.fit(text)
    each = [word_by_word(model, sentence) for sentence in text]
    assert fit.log_p == pytest.approx(sum(map(sum, each)))
    assert fit.log_p == pytest.approx(sum(map(model.sentence, text)))
    assert fit.words == sum(map(len, each))
    assert fit.sentences == 30
    assert fit.perplexity == model.perplexity(text)
    assert fit.perplexity == pytest.approx(math.exp(-fit.log_p / fit.words))


def test_unknown_words_can_be_left_out_of_the_perplexity():
    model = train([["a", "b"], ["b"]], 2)
    fit = model.fit([["a", "zebra", "b"]])
    scores = word_by_word(model, ["a", "zebra", "b"])
    assert (fit.words, fit.unknown) == (4, 1)
    assert fit.unknown_log_p == pytest.approx(scores[1])
    assert fit.perplexity_known == pytest.approx(math.exp(-(sum(scores) - scores[1]) / 3))


def test_a_sentence_with_and_without_its_ends():
    model = train(sentences(40, 1), 3)
    state, total = (), 0.0
    for word in "abc":
        log_p, state = model.score(state, word)
        total += log_p
    assert model.sentence("abc", bos=False, eos=False) == pytest.approx(total)
    assert model.sentence("abc", bos=False) == pytest.approx(total + model.end(state))
    assert model.sentence("abc") != model.sentence("abc", bos=False)


def test_equal_states_have_equal_futures_and_most_histories_share_one():
    model = train(sentences(12, 3), 4)
    states = {}
    for history in itertools.product(WORDS, repeat=4):
        state = model.start()
        for word in history:
            state = model.score(state, word)[1]
        states.setdefault(state, []).append(history)
    assert len(states) < 4**3  # fewer than there are contexts of three words
    for state, histories in states.items():
        assert isinstance(hash(state), int)
        first = [model.sentence((*histories[0], *more)) for more in ("a", "cb", "dda")]
        base = model.sentence(histories[0], eos=False)
        for other in histories[1:]:
            shift = model.sentence(other, eos=False) - base
            again = [model.sentence((*other, *more)) - shift for more in ("a", "cb", "dda")]
            assert again == pytest.approx(first)


def test_marks_are_no_words():
    model = train([["a", "b"]], 2)
    assert "a" in model
    assert all(word not in model for word in ("zebra", "<s>", "</s>", "<unk>", "", 3))
    unknown = model.score(model.start(), "zebra")
    assert all(model.score(model.start(), mark) == unknown for mark in ("<s>", "</s>", "<unk>"))
    assert model.sentence(["a", "</s>"]) == model.sentence(["a", "zebra"])
    assert model.fit([["a", "</s>"]]).log_p == pytest.approx(model.sentence(["a", "</s>"]))
    assert repr(model) == "NGram(order 2: 5, 3 n-grams)"


def test_a_hopeless_model_has_an_infinite_perplexity():
    words = ("<unk>", "<s>", "</s>")
    model = NGram(words, [Level(np.arange(3), np.full(3, -1e4), np.zeros(3))])
    assert model.perplexity([[]]) == math.inf


@pytest.mark.parametrize(
    ("words", "rows", "said"),
    [
        (["<unk>", "<s>", "a"], [3], "</s> is missing"),
        (["<unk>", "<s>", "</s>", "a", "a"], [5], "a word stands twice"),
        (["<unk>", "<s>", "</s>", "a b"], [4], "'a b' is no word"),
        (["<unk>", "<s>", "</s>", "\ud800"], [4], "is no word"),
        (["<unk>", "<s>", "</s>"], [2], r"expected 3 1-grams, .* got \[2\]"),
        (["<unk>", "<s>", "</s>"], [3, 0], r"got \[3, 0\]"),
        (["<unk>", "<s>", "</s>"], [], r"got \[\]"),
    ],
)
def test_what_is_no_model_is_told(words, rows, said):
    with pytest.raises(BadInput, match=said):
        NGram(words, [Level(np.arange(n), np.zeros(n), np.zeros(n)) for n in rows])


def test_what_is_no_text_is_told():
    model = train([["a", "b"]], 2)
    with pytest.raises(BadInput, match="there is no sentence"):
        model.fit([])
    with pytest.raises(BadInput, match="expected sentences as lists of words, got the text 'a b'"):
        model.fit(["a b"])
