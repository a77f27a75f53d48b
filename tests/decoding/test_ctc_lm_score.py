"""Language model and hotwords in the beam search: all labellings, the plain form, effects."""

import itertools
import math

import pytest
import torch

from tests.helpers.brute_ctc import emissions, labellings
from zoo.decoding import ctc_beam as module
from zoo.decoding.ctc_beam import Fusion, beam_search
from zoo.decoding.ctc_beam_plain import prefix_search
from zoo.errors import BadInput


@pytest.fixture(autouse=True, params=[0, 1000], ids=["together", "one by one"])
def _form(request, monkeypatch):
    """Both forms of the search pass every test."""
    monkeypatch.setattr(module, "FEW", request.param)


LETTERS = ["", " ", "a", "b"]
WORDS = ["", "no", "yes", "five"]


class Bigrams:
    """ln P(word | the one before), drawn from the words themselves; counts what it is asked."""

    def __init__(self):
        self.asked = []

    def start(self):
        return "<s>"

    def score(self, state, word):
        self.asked.append((state, word))
        return -((sum(map(ord, state + word)) * 7919) % 97) / 16, word

    def end(self, state):
        return -((sum(map(ord, state)) * 31) % 13) / 8

    def __contains__(self, word):
        return True


def total(labels, log_p, *, texts, space, alpha, beta, end):
    """The definition, independent of Fusion: split the text, score every word."""
    if space is None:
        words = [texts[c] for c in labels]
    else:
        words = "".join(texts[c] for c in labels).split()
    lm, before, sum_lm = Bigrams(), "<s>", 0.0
    for word in words:
        sum_lm += lm.score(before, word)[0]
        before = word
    sum_lm += lm.end(before) if end else 0
    return log_p + alpha * sum_lm + beta * len(words)


@pytest.mark.parametrize("space", [1, None])
@pytest.mark.parametrize("end", [False, True])
def test_the_best_of_the_beam_is_the_best_of_all_labellings(space, end):
    """Every labelling of T = 5, V = 4, its ln p by brute force and its words by the definition."""
    texts = LETTERS if space else WORDS
    weights = {"alpha": 0.7, "beta": 1.3, "end": end}
    log_p = emissions(12, 5, 4, seed=2, scale=1.5)
    fusion = Fusion(texts, space, Bigrams(), **weights)
    found = beam_search(log_p, beam=300, n_best=300, fusion=fusion)
    changed = 0
    for n, hypotheses in enumerate(found):
        brute = labellings(log_p[n])
        scores = {x: total(x, p, texts=texts, space=space, **weights) for x, p in brute.items()}
        best = max(scores, key=scores.get)
        assert hypotheses[0].labels == best
        assert {h.labels: pytest.approx(h.score) for h in hypotheses} == scores
        assert hypotheses[0].log_p == pytest.approx(brute[best])
        changed += best != next(iter(brute))
    assert changed > 2  # the language model decides something


@pytest.mark.parametrize("space", [1, None])
@pytest.mark.parametrize("beta", [-1.0, 2.0])
@pytest.mark.parametrize("hot", [(), "two"])
def test_a_narrow_beam_is_the_plain_search_with_the_same_worth(space, beta, hot):
    texts = LETTERS if space else WORDS
    hotwords = {True: ["ab", "b a"], False: ["yes", "no five"]}[space is not None] if hot else ()
    fusion = Fusion(texts, space, Bigrams(), 0.8, beta, hotwords=hotwords, hotword_weight=0.9)
    log_p = emissions(3, 16, 4, seed=5, scale=1.5)
    for n, found in enumerate(beam_search(log_p, beam=5, n_best=5, fusion=fusion)):
        plain = prefix_search(log_p[n].tolist(), 5, bonus=fusion.bonus)
        plain.sort(key=lambda item: -item[2])
        assert [h.labels for h in found] == [labels for labels, _, _ in plain]
        assert [h.log_p for h in found] == pytest.approx([p for _, p, _ in plain])
        assert [h.score for h in found] == pytest.approx([score for _, _, score in plain])


def test_alpha_is_in_natural_logarithms_and_the_last_word_counts():
    fusion = Fusion(LETTERS, 1, Bigrams(), alpha=0.5, beta=0.25)
    lm = Bigrams()
    two = lm.score("<s>", "ab")[0] + lm.score("ab", "b")[0]
    for labels in [(2, 3, 1, 3), (1, 2, 3, 1, 1, 3, 1)]:  # with odd spaces too
        assert fusion.bonus(labels) == pytest.approx(0.5 * two + 0.5)
    assert fusion.bonus((2, 3, 1, 3), done=False) == pytest.approx(
        0.5 * lm.score("<s>", "ab")[0] + 0.25
    )
    assert fusion.bonus(()) == 0


def test_the_model_is_asked_only_about_words_that_end_and_once_about_each():
    lm = Bigrams()
    log_p = emissions(4, 30, 4, seed=1, scale=2.0)
    log_p[:, :, 1] -= 12  # a space is out of the question
    log_p = log_p.log_softmax(2)
    beam_search(log_p, beam=4, fusion=Fusion(LETTERS, 1, lm))
    assert len(lm.asked) <= 16  # the last words of what is left at the end
    lm = Bigrams()
    beam_search(emissions(4, 30, 4, seed=1), beam=4, fusion=Fusion(LETTERS, 1, lm))
    assert len(set(lm.asked)) == len(lm.asked) > 16


def spelled(text, sure, texts=LETTERS, other="b"):
    """Frames that say ``text``, but between 'a' and ``other`` are ``sure`` of the latter."""
    rows = []
    for letter in text:
        p = torch.full((len(texts),), 1e-4, dtype=torch.float64)
        if letter == "?":
            p[texts.index("a")], p[texts.index(other)] = 1 - sure, sure
        else:
            p[texts.index(letter)] = 1.0
        blank = torch.full_like(p, 1e-4)
        blank[0] = 1.0
        rows += [p, blank]
    frames = torch.stack(rows)
    return (frames / frames.sum(1, keepdim=True)).log()[None]


def said(log_p, **options):
    fusion = Fusion(LETTERS, 1, **options)
    [found] = beam_search(log_p, beam=20, fusion=fusion)
    return "".join(LETTERS[c] for c in found[0].labels)


def test_a_hotword_wins_where_it_is_nearly_heard_and_only_there():
    near, far = spelled("b? b", 0.7), spelled("b? b", 0.9999)
    assert said(near) == said(far) == "bb b"
    assert said(near, hotwords=["ba"]) == "ba b"
    assert said(far, hotwords=["ba"]) == "bb b"  # never where it is absent
    assert said(near, hotwords=["ba"], hotword_weight=0.1) == "bb b"  # a small weight is small
    assert said(near, hotwords=["ba b"]) == "ba b"  # a phrase


def test_a_hotword_that_breaks_off_or_goes_on_has_no_effect():
    for hotword in ("a", "baa", "ab", "aab"):
        assert said(spelled("b?b b", 0.6), hotwords=[hotword]) == "bbb b"
    assert said(spelled("b?b b", 0.6), hotwords=["bab"]) == "bab b"


def test_a_hotword_changes_no_score_of_a_labelling_without_it():
    log_p = emissions(1, 5, 4, seed=3)
    [plain] = beam_search(log_p, beam=300, n_best=300)
    [hot] = beam_search(log_p, beam=300, n_best=300, fusion=Fusion(LETTERS, 1, hotwords=["ab"]))
    before = {h.labels: h.score for h in plain}
    for h in hot:
        has = "".join(LETTERS[c] for c in h.labels).split().count("ab")
        assert h.score == pytest.approx(before[h.labels] + 4.0 * has)
        assert h.log_p == pytest.approx(before[h.labels])


def test_the_same_alone_and_in_a_batch():
    log_p = emissions(4, 20, 4, seed=6, scale=2.0)
    lengths = [20, 3, 0, 11]
    for n, t in enumerate(lengths):
        log_p[n, t:] = math.nan
    fusion = Fusion(LETTERS, 1, Bigrams(), hotwords=["ab"])
    together = beam_search(log_p, lengths, beam=6, n_best=3, fusion=fusion)
    for n, t in enumerate(lengths):
        [alone] = beam_search(log_p[n : n + 1, :t], beam=6, n_best=3, fusion=fusion)
        assert [h.labels for h in alone] == [h.labels for h in together[n]]
        assert [h.score for h in alone] == pytest.approx([h.score for h in together[n]])


def test_all_pairs_of_words_are_worth_the_same_by_step_and_by_definition():
    fusion = Fusion(LETTERS, 1, Bigrams(), 0.6, 0.3, end=True)
    for labels in itertools.product(range(1, 4), repeat=4):
        expected = total(labels, 0, texts=LETTERS, space=1, alpha=0.6, beta=0.3, end=True)
        assert fusion.bonus(labels) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"space": 4}, "space must be one of 4 labels, got 4"),
        ({"alpha": -0.1}, "alpha must be 0 or more, got -0.1"),
        ({"alpha": math.nan}, "alpha must be 0 or more"),
        ({"beta": math.nan}, "beta and hotword_weight must be finite, got beta nan"),
        ({"hotword_weight": math.inf}, "must be finite, got beta 0.0, hotword_weight inf"),
        ({"hotwords": "ab"}, "must be a list of words, got 'ab'"),
        ({"hotwords": ["ab", "xy"]}, "cannot spell the hotword 'xy'"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(BadInput, match=message):
        Fusion(LETTERS, **{"space": 1, **options})


def test_a_fusion_for_other_labels_is_refused():
    with pytest.raises(BadInput, match="must be of 5 labels and blank 0, got 4 texts and blank 0"):
        beam_search(emissions(1, 3, 5), fusion=Fusion(LETTERS, 1))
