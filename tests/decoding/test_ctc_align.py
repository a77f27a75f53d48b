"""Forced alignment against all paths of small problems and torchaudio."""

import math

import pytest
import torch

from tests.helpers.brute_ctc import emissions, path_scores
from zoo.decoding.ctc_align import Word, forced_align, words
from zoo.decoding.ctc_greedy import Span, best_path
from zoo.errors import BadInput
from zoo.losses.ctc import ctc_loss
from zoo.ops.ctc import collapse

TARGETS = [[1, 2, 2], [3], [], [4, 4, 4, 1]]
LENGTHS = [9, 5, 6, 7]  # the last has exactly the frames it needs


def as_path(found, frames, blank=0):
    path = [blank] * frames
    for label, first, last, _ in found.spans:
        path[first : last + 1] = [label] * (last + 1 - first)
    return path


@pytest.mark.parametrize("blank", [0, 2])
def test_it_is_the_best_of_all_paths_that_collapse_to_the_labels(blank):
    log_p = emissions(6, 5, seed=8)
    scores, paths, groups = path_scores(log_p, blank)
    asked = list(groups)[::40]
    found = forced_align(log_p.expand(len(asked), 6, 5), asked, blank=blank)
    for labels, one in zip(asked, found, strict=True):
        best = groups[labels][scores[groups[labels]].argmax()]
        assert one.log_p == pytest.approx(scores[best].item())
        assert as_path(one, 6, blank) == paths[best].tolist()
        assert one.labels == labels


def test_it_is_torchaudios_path_and_score():
    functional = pytest.importorskip("torchaudio.functional")
    log_p = emissions(3, 80, 12, seed=4, scale=2.0)
    source = torch.Generator().manual_seed(0)
    targets = [torch.randint(1, 12, (n,), generator=source).tolist() for n in (20, 1, 30)]
    lengths = [80, 33, 71]
    ours = forced_align(log_p, targets, lengths)
    for n, (t, row) in enumerate(zip(lengths, targets, strict=True)):
        path, value = functional.forced_align(log_p[n : n + 1, :t], torch.tensor([row]))
        assert as_path(ours[n], t) == path[0].tolist()
        assert ours[n].log_p == pytest.approx(value.sum().item())
        assert ours[n].labels == tuple(row)
        assert tuple(collapse(path[0].tolist())) == tuple(row)


def test_the_same_alone_and_in_a_batch_whatever_the_padding_holds():
    log_p = emissions(4, 9, 6, seed=3)
    padded = torch.full((4, 6), 77)
    for n, (t, row) in enumerate(zip(LENGTHS, TARGETS, strict=True)):
        log_p[n, t:] = math.nan
        padded[n, : len(row)] = torch.tensor(row)
    together = forced_align(log_p, TARGETS, LENGTHS)
    assert together == forced_align(log_p, padded, LENGTHS, [3, 1, 0, 4])
    for n, (t, row) in enumerate(zip(LENGTHS, TARGETS, strict=True)):
        [alone] = forced_align(log_p[n : n + 1, :t], [row])
        assert alone.spans == together[n].spans
        assert alone.log_p == pytest.approx(together[n].log_p)


def test_confidence_is_the_mean_probability_and_the_path_less_likely_than_the_labelling():
    log_p = emissions(1, 30, 5, seed=2)
    [found] = forced_align(log_p, [[1, 3, 3, 2]])
    for label, first, last, p in found.spans:
        assert p == pytest.approx(log_p[0, first : last + 1, label].exp().mean().item())
    assert found.log_p < -ctc_loss(log_p, [[1, 3, 3, 2]]).item()


def test_the_best_paths_own_labels_are_aligned_to_it():
    log_p = emissions(3, 25, 6, seed=9)
    greedy = best_path(log_p)
    aligned = forced_align(log_p, [path.labels for path in greedy])
    assert [a.spans for a in aligned] == [g.spans for g in greedy]


def test_what_cannot_be_aligned_is_named():
    log_p = emissions(2, 4, 5)
    with pytest.raises(BadInput, match="1 of 2 cannot be aligned; the first: b.wav: 4 frames, its"):
        forced_align(log_p, [[1, 2], [3, 3, 3]], names=["a.wav", "b.wav"])
    sure = torch.tensor([[0.5, 0.5, 0.0]] * 3).log()[None]
    with pytest.raises(BadInput, match="utterance 0 cannot be aligned: every path"):
        forced_align(sure, [[2]])
    with pytest.raises(BadInput, match="got 7 as label 0"):
        forced_align(log_p, [[7], [1]])


def test_nothing_to_align():
    assert forced_align(torch.zeros(1, 0, 3), [[]])[0].spans == ()
    assert forced_align(emissions(2, 3, 3), [[], [1]], [0, 3])[0].log_p == 0


def test_words_are_between_spaces():
    spans = [Span(1, 0, 0, 0.9), Span(5, 3, 4, 0.5), Span(6, 6, 6, 0.8), Span(1, 8, 8, 1.0),
             Span(1, 9, 9, 1.0), Span(7, 10, 12, 0.4)]  # fmt: skip
    assert words(spans, 1) == [
        Word((5, 6), 3, 6, pytest.approx(0.6)),
        Word((7,), 10, 12, pytest.approx(0.4)),
    ]
    assert [w.labels for w in words(spans[1:3], None)] == [(5,), (6,)]
    assert words([], 1) == []
