"""One frame of CTC's beam search: K prefixes of N utterances, as tensors.

zoo/decoding/ctc_beam.py says what is searched and why each short cut changes no answer;
zoo/decoding/ctc_prefix.py is the same in plain dictionaries.
Paper: Hannun et al. 2014, arXiv:1408.2873, algorithm 1. Notes: course 5, week 3.
Small tensors cost as much as their number of operations: hence whole numbers lie in one tensor.
Proof: tests/decoding/test_ctc_beam.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.decoding.ctc_fusion import Fusion
from zoo.decoding.ctc_ranking import History, Ranking

NEVER = -torch.inf
ODD, PLUS = 6364136223846793005, 1442695040888963407  # Knuth's multiplier for 64 bits


class Frames(NamedTuple):
    """The emissions: T tensors each.

    Attributes:
        log_p: (N, V).
        blank: (N, 1) of the blank.
        best: (N, V-1) of all labels but the blank, the likeliest first.
        labels: (N, V-1) which they are.
        rank: (N, V) where a label stands there; the blank at V-1.
    """

    log_p: Sequence[Tensor]
    blank: Sequence[Tensor]
    best: Sequence[Tensor]
    labels: Sequence[Tensor]
    rank: Sequence[Tensor]


def sorted_frames(log_p: Tensor, lengths: Tensor, blank: int, in_order: bool) -> Frames:
    """The likeliest labels of each frame first, if ``in_order``; certain blanks in the padding."""
    inside = torch.arange(log_p.shape[1]) < lengths[:, None]  # (N, T)
    still = log_p.new_full((log_p.shape[2],), NEVER)
    still[blank] = 0
    log_p = log_p.where(inside[:, :, None], still).transpose(0, 1).contiguous()  # (T, N, V)
    others = torch.tensor(others_than(blank, log_p.shape[2]), dtype=torch.long)
    best, labels = log_p[:, :, others], others.expand(*log_p.shape[:2], -1)
    if in_order:
        best, at = best.sort(2, descending=True)
        labels = others[at]
    rank = torch.full_like(log_p, len(others), dtype=torch.long)
    rank.scatter_(2, labels, torch.arange(len(others)).expand_as(labels))
    sides = (log_p, log_p[:, :, blank : blank + 1], best, labels, rank)
    return Frames(*(side.unbind(0) for side in sides))


def others_than(blank: int, classes: int) -> list[int]:
    """The labels but the blank."""
    return [c for c in range(classes) if c != blank]


class Beams(NamedTuple):
    """K prefixes of each utterance, the first of them first.

    Attributes:
        total: (N, K) ln of the sum over their paths, but for what was taken off all alike.
        blank: (N, K) of those that end in a blank.
        label: (N, K) of those that end in the last label.
        prefix: (4, N, K) what they are: last label (the blank for the empty prefix), hash, hash of
            the prefix without its last label, entry in the history.
    """

    total: Tensor
    blank: Tensor
    label: Tensor
    prefix: Tensor

    @property
    def entry(self) -> Tensor:
        """(N, K) in the history."""
        return self.prefix[3]

    def less(self, most: Tensor) -> "Beams":
        """The same with ``most`` (N, 1) taken off all sums."""
        return Beams(self.total - most, self.blank - most, self.label - most, self.prefix)


class Search:
    """The tables of a search, its history, and the step."""

    def __init__(self, log_p: Tensor, beam: int, blank: int, fusion: Fusion | None) -> None:
        utterances, _, classes = log_p.shape
        self.blank, self.beam = blank, beam
        i, r = torch.arange(beam)[:, None], torch.arange(classes - 1)[None]
        tried = (i + 1) * r <= beam  # (K, V-1) prefix and rank; ctc_beam says why
        tried |= fusion is not None  # a word or hotword may overtake
        i, r = tried.nonzero().unbind(1)
        self.place = torch.full((beam, classes), len(i))  # the last place is for what is not tried
        self.place[i, r] = torch.arange(len(i))
        nothing = torch.zeros(1, dtype=torch.long)
        self.i, self.r = torch.cat([i, nothing]), torch.cat([r, nothing])  # (M,)
        stay = torch.arange(beam)
        self.source = torch.cat([stay, self.i])  # (K + M,)
        self.rank_of = torch.cat([torch.zeros_like(stay), self.r])
        self.row = stay * classes  # (K,) of ``place``
        self.entry = stay + 1  # (K,) in the history, before those of earlier frames are added
        self.nowhere, self.never = torch.tensor(len(i)), log_p.new_full((), NEVER)
        self.unheld = log_p.new_full((utterances, len(self.i)), NEVER)
        empty = log_p.new_zeros(utterances, beam)
        others = others_than(blank, classes)
        self.ranking = Ranking(fusion, empty, others) if fusion else None
        self.history: History = []

    def start(self) -> Beams:
        """The empty prefix, and K-1 places that nothing has filled."""
        none = self.unheld.new_full((len(self.unheld), self.beam), NEVER)
        total = none.clone()
        total[:, 0] = 0
        prefix = torch.zeros(4, *none.shape, dtype=torch.long)
        prefix[0], prefix[1, :, 0], prefix[2] = self.blank, PLUS, -1
        return Beams(total, total, none, prefix)

    def step(self, beams: Beams, t: int, frames: Frames) -> Beams:
        """Frame ``t``: the new beams. What they came from goes into the history."""
        last, key, stem, _ = beams.prefix.unbind(0)
        own = frames.log_p[t].gather(1, last)  # of the last label
        again = beams.blank + own  # the last label once more, after a blank: a longer prefix
        parent, has = _parents(key, stem)

        blank = beams.total + frames.blank[t]
        shorter = _from_parent(beams, last, parent) + own
        label = torch.logaddexp(beams.label + own, shorter.where(has, self.never))
        new = beams.total.index_select(1, self.i) + frames.best[t].index_select(1, self.r)  # (N, M)
        at = frames.rank[t].gather(1, last)
        new.scatter_(1, self.place.take(at + self.row), again)
        held = self.place.take(at + parent * self.place.shape[1])
        new.scatter_(1, held.where(has, self.nowhere), NEVER)  # it is added to the prefix
        new[:, -1] = NEVER

        total, best = self._best(torch.cat([torch.logaddexp(blank, label), new], 1), beams)
        blank = torch.cat([blank, self.unheld], 1).gather(1, best)
        label = torch.cat([label, new], 1).gather(1, best)
        longer = frames.labels[t].gather(1, self.rank_of.take(best))
        prefix = self._prefixes(beams.prefix, t, best, longer)
        dead = total == NEVER  # no prefix, or one that is held elsewhere: nothing may find it
        return Beams(total, blank, label, prefix.masked_fill(dead, 0))

    def _best(self, sums: Tensor, beams: Beams) -> tuple[Tensor, Tensor]:
        """The K best candidates: their sums and places (N, K)."""
        if self.ranking is None:
            total, best = sums.topk(self.beam, 1)
            return total, best
        best = self.ranking.choose(sums, beams.entry, self.history)
        return sums.gather(1, best), best

    def _prefixes(self, prefix: Tensor, t: int, best: Tensor, longer: Tensor) -> Tensor:
        """What the candidates ``best`` (N, K) are: as they were, or with the label ``longer``."""
        source = self.source.take(best)
        old = prefix.gather(2, source.expand(4, -1, -1))
        _, key, _, entry = old.unbind(0)
        self.history.append((entry, longer))
        mixed = (key ^ (key >> 29)) * ODD + longer * PLUS
        here = (self.entry + t * self.beam).expand_as(key)
        return old.where(best < self.beam, torch.stack([longer, mixed, key, here]))


def _parents(key: Tensor, stem: Tensor) -> tuple[Tensor, Tensor]:
    """Which beam (N, K) holds a prefix without its last label, and whether any does."""
    keys, order = key.sort(1)
    at = torch.searchsorted(keys, stem).clamp_(max=keys.shape[1] - 1)
    return order.gather(1, at), keys.gather(1, at) == stem


def _from_parent(beams: Beams, last: Tensor, parent: Tensor) -> Tensor:
    """The parent's paths (N, K) that the last label may follow: after a blank if it repeats."""
    repeats = last.gather(1, parent) == last
    return beams.blank.gather(1, parent).where(repeats, beams.total.gather(1, parent))
