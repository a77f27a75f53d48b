"""One frame of CTC's beam search: K prefixes of N utterances, as tensors.

zoo/decoding/ctc_beam.py says what is searched and why each short cut changes no answer;
zoo/decoding/ctc_beam_plain.py is the same in plain dictionaries.
Paper: Hannun et al. 2014, arXiv:1408.2873, algorithm 1. Notes: course 5, week 3.
The tensors are so small that time goes by the number of operations: integers share one tensor.
Proof: tests/decoding/test_ctc_beam.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.decoding.ctc_beam_ranking import Backpointers, Ranking
from zoo.decoding.ctc_lm_score import Fusion

NEVER = -torch.inf
MULTIPLIER, INCREMENT = 6364136223846793005, 1442695040888963407  # Knuth's, for 64 bits


class Frames(NamedTuple):
    """The emissions: T tensors each.

    Attributes:
        log_p: (N, V).
        blank: (N, 1) of the blank.
        best: (N, V-1) of all labels but the blank, the likeliest first.
        labels: (N, V-1) the labels in that order.
        rank: (N, V) the place of each label in that order; of the blank V-1.
    """

    log_p: Sequence[Tensor]
    blank: Sequence[Tensor]
    best: Sequence[Tensor]
    labels: Sequence[Tensor]
    rank: Sequence[Tensor]


def sorted_frames(log_p: Tensor, lengths: Tensor, blank: int, in_order: bool) -> Frames:
    """The labels of each frame by falling probability if ``in_order``; in the padding blanks."""
    inside = torch.arange(log_p.shape[1]) < lengths[:, None]  # (N, T)
    certain_blank = log_p.new_full((log_p.shape[2],), NEVER)
    certain_blank[blank] = 0
    log_p = log_p.where(inside[:, :, None], certain_blank).transpose(0, 1).contiguous()  # (T, N, V)
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
    """K prefixes of each utterance, the best first.

    Attributes:
        total: (N, K) ln of the sum over the paths of each, up to a constant for each utterance.
        blank: (N, K) the same over the paths that end in a blank.
        label: (N, K) the same over the paths that end in the last label.
        prefix: (4, N, K) last label (the blank for the empty prefix), hash, hash of the prefix
            without its last label, node among the backpointers.
    """

    total: Tensor
    blank: Tensor
    label: Tensor
    prefix: Tensor

    @property
    def node(self) -> Tensor:
        """(N, K) of each prefix among the backpointers."""
        return self.prefix[3]

    def rescaled(self, offset: Tensor) -> "Beams":
        """The same with ``offset`` (N, 1) subtracted from all sums."""
        return Beams(self.total - offset, self.blank - offset, self.label - offset, self.prefix)


class Search:
    """The tables of a search, its backpointers, and the step from frame to frame."""

    def __init__(self, log_p: Tensor, beam: int, blank: int, fusion: Fusion | None) -> None:
        utterances, _, classes = log_p.shape
        self.blank, self.beam = blank, beam
        i, r = torch.arange(beam)[:, None], torch.arange(classes - 1)[None]
        tried = (i + 1) * r <= beam  # (K, V-1) prefix and rank; ctc_beam says why
        tried |= fusion is not None  # a word or hotword may overtake
        i, r = tried.nonzero().unbind(1)
        self.place = torch.full((beam, classes), len(i))  # the last place: not tried
        self.place[i, r] = torch.arange(len(i))
        nothing = torch.zeros(1, dtype=torch.long)
        self.i, self.r = torch.cat([i, nothing]), torch.cat([r, nothing])  # (M,)
        unchanged = torch.arange(beam)
        self.source = torch.cat([unchanged, self.i])  # (K + M,)
        self.rank_of = torch.cat([torch.zeros_like(unchanged), self.r])
        self.row = unchanged * classes  # (K,) of ``place``
        self.node = unchanged + 1  # (K,) in the first frame; each frame adds K
        self.nowhere, self.never = torch.tensor(len(i)), log_p.new_full((), NEVER)
        self.nothing = log_p.new_full((utterances, len(self.i)), NEVER)
        empty = log_p.new_zeros(utterances, beam)
        others = others_than(blank, classes)
        self.ranking = Ranking(fusion, empty, others) if fusion else None
        self.backpointers: Backpointers = []

    def start(self) -> Beams:
        """The empty prefix, and K-1 empty places."""
        none = self.nothing.new_full((len(self.nothing), self.beam), NEVER)
        total = none.clone()
        total[:, 0] = 0
        prefix = torch.zeros(4, *none.shape, dtype=torch.long)
        prefix[0], prefix[1, :, 0], prefix[2] = self.blank, INCREMENT, -1
        return Beams(total, total, none, prefix)

    def step(self, beams: Beams, t: int, frames: Frames) -> Beams:
        """The beams after frame ``t``; their parents are appended to the backpointers."""
        last, key, stem, _ = beams.prefix.unbind(0)
        repeated = frames.log_p[t].gather(1, last)  # ln p of the last label in this frame
        doubled = beams.blank + repeated  # the last label after a blank: a longer prefix
        parent, in_beam = _parents(key, stem)

        blank = beams.total + frames.blank[t]
        from_parent = _from_parent(beams, last, parent) + repeated
        from_parent = from_parent.where(in_beam, self.never)
        label = torch.logaddexp(beams.label + repeated, from_parent)
        new = beams.total.index_select(1, self.i) + frames.best[t].index_select(1, self.r)  # (N, M)
        rank = frames.rank[t].gather(1, last)
        new.scatter_(1, self.place.take(rank + self.row), doubled)
        present = self.place.take(rank + parent * self.place.shape[1])
        new.scatter_(1, present.where(in_beam, self.nowhere), NEVER)  # counted in ``label``
        new[:, -1] = NEVER

        total, best = self._best(torch.cat([torch.logaddexp(blank, label), new], 1), beams)
        blank = torch.cat([blank, self.nothing], 1).gather(1, best)
        label = torch.cat([label, new], 1).gather(1, best)
        new_label = frames.labels[t].gather(1, self.rank_of.take(best))
        prefix = self._prefixes(beams.prefix, t, best, new_label)
        empty = total == NEVER  # no prefix: its hash must match no other
        return Beams(total, blank, label, prefix.masked_fill(empty, 0))

    def _best(self, scores: Tensor, beams: Beams) -> tuple[Tensor, Tensor]:
        """The K best candidates: scores and places (N, K)."""
        if self.ranking is None:
            total, best = scores.topk(self.beam, 1)
            return total, best
        best = self.ranking.choose(scores, beams.node, self.backpointers)
        return scores.gather(1, best), best

    def _prefixes(self, prefix: Tensor, t: int, best: Tensor, new_label: Tensor) -> Tensor:
        """The prefixes of the candidates ``best`` (N, K): unchanged, or with ``new_label``."""
        source = self.source.take(best)
        old = prefix.gather(2, source.expand(4, -1, -1))
        _, key, _, node = old.unbind(0)
        self.backpointers.append((node, new_label))
        new_key = (key ^ (key >> 29)) * MULTIPLIER + new_label * INCREMENT
        new_node = (self.node + t * self.beam).expand_as(key)
        return old.where(best < self.beam, torch.stack([new_label, new_key, key, new_node]))


def _parents(key: Tensor, stem: Tensor) -> tuple[Tensor, Tensor]:
    """Where in the beam each prefix without its last label stands (N, K), and if it does."""
    keys, order = key.sort(1)
    at = torch.searchsorted(keys, stem).clamp_(max=keys.shape[1] - 1)
    return order.gather(1, at), keys.gather(1, at) == stem


def _from_parent(beams: Beams, last: Tensor, parent: Tensor) -> Tensor:
    """The parent's paths (N, K) that the last label may follow: after a blank if it repeats."""
    repeats = last.gather(1, parent) == last
    return beams.blank.gather(1, parent).where(repeats, beams.total.gather(1, parent))
