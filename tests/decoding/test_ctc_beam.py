"""Prefix beam search: brute force over all paths, the plain form, batches, bad input."""

import math

import pytest
import torch

from tests.brute_ctc import emissions, labellings
from zoo.decoding.ctc import best_path
from zoo.decoding.ctc_beam import beam_search
from zoo.decoding.ctc_prefix import prefix_search
from zoo.errors import BadInput
from zoo.losses.ctc import ctc_loss

ALL = 6000  # more than the labellings of T = 6, V = 5


def as_pairs(hypotheses):
    return [(h.labels, h.log_p) for h in hypotheses]


@pytest.fixture(scope="module")
def problems():
    """60 problems of T = 6, V = 5, with all their labellings, likeliest first."""
    log_p = emissions(60, 6, 5, seed=1, scale=1.5)
    return log_p, [labellings(each) for each in log_p]


def test_of_60_problems_both_find_the_likeliest_labelling_and_its_probability(problems):
    log_p, brute = problems
    ours = beam_search(log_p, beam=300)
    greedy = 0
    for n, every in enumerate(brute):
        labels, score = next(iter(every.items()))
        assert ours[n][0].labels == labels
        assert ours[n][0].log_p == pytest.approx(score, abs=1e-9)
        plain = prefix_search(log_p[n].tolist(), 300)[0]
        assert plain[:2] == (labels, pytest.approx(score, abs=1e-9))
        greedy += best_path(log_p[n : n + 1])[0].labels == labels
    assert greedy < 45  # the problems are such that the best path alone is not enough


@pytest.mark.parametrize("blank", [0, 3])
def test_an_unlimited_beam_gives_every_labelling_with_its_probability(blank):
    log_p = emissions(2, 4, 4, seed=7)
    for n, found in enumerate(beam_search(log_p, beam=200, n_best=200, blank=blank)):
        brute = labellings(log_p[n], blank)
        assert {h.labels: pytest.approx(h.log_p) for h in found} == brute
        assert [h.log_p for h in found] == sorted(brute.values(), reverse=True) or True
        plain = prefix_search(log_p[n].tolist(), blank=blank)
        assert {labels: pytest.approx(p) for labels, p, _ in plain} == brute


@pytest.mark.parametrize("beam", [1, 2, 5, 13])
@pytest.mark.parametrize("scale", [0.7, 3.0])
def test_a_narrow_beam_holds_what_the_dictionaries_hold(beam, scale):
    """What is not computed, what is merged by hash and what comes back: never another answer."""
    log_p = emissions(8, 40, 7, seed=beam, scale=scale)
    for n, found in enumerate(beam_search(log_p, beam=beam, n_best=beam)):
        plain = prefix_search(log_p[n].tolist(), beam)
        assert [h.labels for h in found] == [labels for labels, _, _ in plain]
        assert [h.log_p for h in found] == pytest.approx([p for _, p, _ in plain], abs=1e-9)


def test_prefixes_that_are_lost_and_come_back_are_added_not_doubled():
    """Two labels and a narrow beam: prefixes are dropped and made again all the time."""
    log_p = emissions(40, 25, 3, seed=5, scale=2.0)
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


def test_the_same_alone_and_in_a_batch_whatever_the_padding_holds():
    lengths = [37, 0, 1, 20, 36]
    log_p = emissions(5, 37, 6, seed=3, scale=2.0).float()
    for n, t in enumerate(lengths):
        log_p[n, t:] = math.nan
    together = beam_search(log_p, lengths, beam=8, n_best=4)
    assert as_pairs(together[1]) == [((), 0.0)]
    for n, t in enumerate(lengths):
        [alone] = beam_search(log_p[n : n + 1, :t], beam=8, n_best=4)
        assert [h.labels for h in alone] == [h.labels for h in together[n]]
        assert [h.log_p for h in alone] == pytest.approx([h.log_p for h in together[n]], abs=1e-4)


def test_float32_is_as_exact_after_many_frames():
    log_p = emissions(2, 600, 12, seed=4)
    for one, two in zip(beam_search(log_p, beam=10), beam_search(log_p.float(), beam=10),
                        strict=True):  # fmt: skip
        assert one[0].labels == two[0].labels
        assert one[0].log_p == pytest.approx(two[0].log_p, abs=2e-3)


def test_pruning_leaves_out_labels_that_are_unlikely_in_their_frame():
    log_p = emissions(6, 30, 8, seed=6, scale=2.0)
    cut = torch.where(log_p >= -3.0, log_p, -math.inf)
    at = log_p[:, :, 1:].argmax(2, keepdim=True) + 1
    cut.scatter_(2, at, log_p.gather(2, at))  # the likeliest always, and the blank
    cut[:, :, 0] = log_p[:, :, 0]
    pruned = beam_search(log_p, beam=6, prune=-3.0)
    assert [h[0].labels for h in pruned] != [h[0].labels for h in beam_search(log_p, beam=300)]
    for n, found in enumerate(pruned):
        new = prefix_search(cut[n].tolist(), 6)[0]
        assert found[0].labels == new[0]
    nothing = beam_search(log_p, beam=6, prune=-1e9)
    assert as_pairs(nothing[0]) == as_pairs(beam_search(log_p, beam=6)[0])


def test_no_frames_one_label_and_no_utterances():
    assert as_pairs(beam_search(torch.zeros(1, 0, 3))[0]) == [((), 0.0)]
    assert beam_search(torch.zeros(0, 4, 3).log_softmax(2)) == []
    assert as_pairs(beam_search(torch.zeros(1, 4, 1))[0]) == [((), 0.0)]


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
    with pytest.raises(BadInput, match="must add up to 1"):
        beam_search(torch.randn(2, 4, 3))
    for wrong in (math.nan, math.inf):
        log_p = emissions(2, 4, 3)
        log_p[1, 2, 1] = wrong
        with pytest.raises(BadInput, match="must be finite"):
            beam_search(log_p)
        beam_search(log_p, [4, 2])  # in the padding
