"""Prefix beam search: brute force over all paths, the plain form, batches, bad input."""

import math

import pytest
import torch

from tests.helpers.brute_ctc import emissions, labellings
from zoo.decoding import ctc_beam as module
from zoo.decoding.ctc_beam import beam_search
from zoo.decoding.ctc_beam_plain import prefix_search
from zoo.decoding.ctc_greedy import best_path
from zoo.errors import BadInput
from zoo.losses.ctc import ctc_loss

ALL = 2065  # labellings of T = 6, V = 5


@pytest.fixture(autouse=True, params=[0, 1000], ids=["together", "one by one"])
def _form(request, monkeypatch):
    """Both forms of the search pass every test."""
    monkeypatch.setattr(module, "FEW", request.param)


def as_pairs(hypotheses):
    return [(h.labels, h.log_p) for h in hypotheses]


@pytest.fixture(scope="module")
def problems():
    """60 problems of T = 6, V = 5, with all their labellings, likeliest first."""
    log_p = emissions(60, 6, 5, seed=1, scale=1.5)
    return log_p, [labellings(each) for each in log_p]


def test_of_60_problems_all_are_solved_and_the_score_is_ln_p(problems):
    log_p, brute = problems
    ours = beam_search(log_p, beam=ALL)
    for found, every in zip(ours, brute, strict=True):
        labels, score = next(iter(every.items()))
        assert found[0].labels == labels
        assert found[0].log_p == found[0].score == pytest.approx(score, abs=1e-10)
    greedy = [path.labels == next(iter(e)) for path, e in zip(best_path(log_p), brute, strict=True)]
    assert sum(greedy) < 45  # the likeliest path alone would not do


@pytest.mark.parametrize("count", [8, pytest.param(60, marks=pytest.mark.long)])
def test_the_plain_form_solves_them_too(problems, count):
    for log_p, every in list(zip(*problems, strict=True))[:count]:
        labels, score = next(iter(every.items()))
        assert prefix_search(log_p.tolist())[0][:2] == (labels, pytest.approx(score, abs=1e-10))


@pytest.mark.parametrize("blank", [0, 3])
def test_an_unlimited_beam_gives_every_labelling_with_its_probability(blank):
    log_p = emissions(2, 4, 4, seed=7)
    for n, found in enumerate(beam_search(log_p, beam=200, n_best=200, blank=blank)):
        brute = labellings(log_p[n], blank)
        assert {h.labels: pytest.approx(h.log_p) for h in found} == brute
        assert [h.log_p for h in found] == pytest.approx(list(brute.values()))
        plain = prefix_search(log_p[n].tolist(), blank=blank)
        assert {labels: pytest.approx(p) for labels, p, _ in plain} == brute


@pytest.mark.parametrize("beam", [1, 2, 5, 13])
@pytest.mark.parametrize("scale", [0.7, 3.0])
def test_a_narrow_beam_holds_what_the_dictionaries_hold(beam, scale):
    """What is not computed, what is merged by hash and what comes back: never another answer."""
    log_p = emissions(4, 30, 7, seed=beam, scale=scale)
    for n, found in enumerate(beam_search(log_p, beam=beam, n_best=beam)):
        plain = prefix_search(log_p[n].tolist(), beam)
        assert [h.labels for h in found] == [labels for labels, _, _ in plain]
        assert [h.log_p for h in found] == pytest.approx([p for _, p, _ in plain], abs=1e-9)


def test_prefixes_that_are_lost_and_come_back_are_added_not_doubled():
    """Two labels and a narrow beam: prefixes are dropped and made again all the time."""
    log_p = emissions(20, 25, 3, seed=5, scale=2.0)
    for n, found in enumerate(beam_search(log_p, beam=3, n_best=3)):
        labels = [h.labels for h in found]
        assert len(set(labels)) == len(labels)
        assert labels == [x for x, _, _ in prefix_search(log_p[n].tolist(), 3)]


def test_labels_of_probability_zero_are_never_said():
    log_p = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]).double().log()
    [found] = beam_search(log_p[None], beam=20, n_best=20)
    expected = {x: p for x, p in labellings(log_p).items() if p > -math.inf}
    assert {h.labels: pytest.approx(h.log_p) for h in found} == expected


def test_the_probability_is_never_above_the_labellings_own_nor_below_its_best_path():
    log_p = emissions(4, 60, 9, seed=2, scale=1.0)
    for n, found in enumerate(beam_search(log_p, beam=20, n_best=5)):
        rows = log_p[n].expand(5, -1, -1)
        own = -ctc_loss(rows, [h.labels for h in found], reduction="none")
        assert all(h.log_p <= p + 1e-9 for h, p in zip(found, own.tolist(), strict=True))
    greedy = best_path(log_p)
    sure = -ctc_loss(log_p, [path.labels for path in greedy], reduction="none")
    best = [found[0].log_p for found in beam_search(log_p, beam=50)]
    assert all(b > p.log_p for b, p in zip(best, greedy, strict=True))
    assert sum(best) > sure.sum().item()


def test_the_same_alone_and_in_a_batch_whatever_the_padding_holds(monkeypatch):
    lengths = [37, 0, 1, 20, 36]
    log_p = emissions(5, 37, 6, seed=3, scale=2.0).float()
    for n, t in enumerate(lengths):
        log_p[n, t:] = math.nan
    together = beam_search(log_p, lengths, beam=8, n_best=4)
    assert as_pairs(together[1]) == [((), 0.0)]
    monkeypatch.setattr(module, "FEW", 3)
    for n, t in enumerate(lengths):
        [alone] = beam_search(log_p[n : n + 1, :t], beam=8, n_best=4)
        assert [h.labels for h in alone] == [h.labels for h in together[n]]
        assert [h.log_p for h in alone] == pytest.approx([h.log_p for h in together[n]], abs=1e-4)


@pytest.mark.parametrize("count", [1, 3, 4])
def test_few_are_searched_one_by_one(count, monkeypatch):
    searched = []
    real = module.search_alone
    monkeypatch.setattr(module, "search_alone", lambda *a: searched.append(a) or real(*a))
    monkeypatch.setattr(module, "FEW", 3)
    log_p = emissions(count, 5, 4, seed=9).requires_grad_()
    beam_search(log_p, beam=4)
    assert len(searched) == (count if count <= 3 else 0)


def test_float32_is_as_exact_after_many_frames():
    log_p = emissions(2, 300, 12, seed=4)
    for one, two in zip(beam_search(log_p, beam=10), beam_search(log_p.float(), beam=10),
                        strict=True):  # fmt: skip
        assert one[0].labels == two[0].labels
        assert one[0].log_p == pytest.approx(two[0].log_p, abs=2e-3)


def test_frames_that_are_surely_blank_may_be_skipped():
    """Runs of blanks between labels, equal ones too; the first of each run stays."""
    log_p = emissions(6, 40, 5, seed=6, scale=2.0)
    for n in range(6):
        for first, last in [(0, 4), (7 + n, 20), (30, 31), (36, 40)]:
            log_p[n, first:last] = torch.tensor([0.9996, *[0.0001] * 4]).double().log()
    lengths = [40, 40, 12, 33, 40, 0]
    exact = beam_search(log_p, lengths, beam=30)
    skipped = beam_search(log_p, lengths, beam=30, skip=0.999)
    for one, other in zip(exact, skipped, strict=True):
        assert one[0].labels == other[0].labels
        assert one[0].log_p == pytest.approx(other[0].log_p, abs=0.03)
    assert [h[0].log_p for h in exact] != [h[0].log_p for h in skipped]
    none = beam_search(log_p, lengths, beam=30, skip=0.9999)
    assert [h[0] for h in none] == [h[0] for h in exact]


def test_a_blank_that_is_skipped_still_parts_equal_labels():
    sure = torch.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).log()
    assert as_pairs(beam_search(sure[None], beam=3, skip=0.99)[0]) == [((1, 1), 0.0)]


def test_no_frames_and_no_utterances():
    assert as_pairs(beam_search(torch.zeros(1, 0, 3))[0]) == [((), 0.0)]
    assert beam_search(torch.zeros(0, 4, 3).log_softmax(2)) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"beam": 0}, "n_best must be from 1 to the beam of 0"),
        ({"n_best": 51}, "n_best must be from 1 to the beam of 50, got 51"),
        ({"lengths": [5, 4]}, "from 0 to 4"),
        ({"blank": 3}, "blank must be from 0 to 2"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(change, message):
    with pytest.raises(BadInput, match=message):
        beam_search(emissions(2, 4, 3), **change)


def test_logits_and_nan_are_refused():
    with pytest.raises(BadInput, match="a label besides the blank"):
        beam_search(torch.zeros(1, 4, 1))
    with pytest.raises(BadInput, match="must add up to 1"):
        beam_search(torch.randn(2, 4, 3))
    for wrong in (math.nan, math.inf):
        log_p = emissions(2, 4, 3)
        log_p[1, 2, 1] = wrong
        with pytest.raises(BadInput, match="must be finite"):
            beam_search(log_p)
        beam_search(log_p, [4, 2])  # in the padding
