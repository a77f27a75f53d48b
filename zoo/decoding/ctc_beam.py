"""CTC prefix beam search: the likeliest labellings, all utterances and all beams at once.

Paper: Graves et al. 2006, "Connectionist Temporal Classification", sec. 3.2 (prefix search);
Hannun et al. 2014, arXiv:1408.2873, algorithm 1 (the beam, the language model).
Notes: course 5, week 3, "Speech recognition"; week 3, "Beam search".
A prefix holds two sums over paths: those that end in a blank and those that end in its last label;
zoo/decoding/ctc_prefix.py says the same for one utterance in plain dictionaries.

What makes it quick, and changes no answer:
- The beams stand in order. Prefix i (from 0) with the label of rank r (from 0) in this frame is
  behind i r + r - 1 other new prefixes, at least: with (i + 1) r > K it cannot be among the K best
  and is not computed. Of 50 x 28 candidates 232 are left.
- A prefix is known by a hash of 64 bits, so that one which comes back is added to the one that is
  there. Two prefixes of the same hash would be mixed up: at 500 frames and 50 beams that happens
  once in 10^13 utterances.
- After an utterance's last frame come certain blanks, which change nothing: no masks.

Deviations: none, unless frames are skipped.
Proof: tests/decoding/test_ctc_beam.py (brute force over all paths; the dictionaries).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.decoding.ctc_fusion import Fusion, LanguageModel
from zoo.decoding.ctc_ranking import History, Ranking
from zoo.errors import BadInput
from zoo.ops.ctc import as_lengths, check_log_p, check_normalised

__all__ = ["Fusion", "Hypothesis", "LanguageModel", "beam_search"]
NEVER = -torch.inf
ODD, PLUS = 6364136223846793005, 1442695040888963407  # Knuth's multiplier for 64 bits
AGAIN = 16  # frames after which the sums are brought back near 0: float32 is exact there


@dataclass(frozen=True)
class Hypothesis:
    """One labelling of an utterance.

    Attributes:
        labels: its numbers.
        log_p: ln of the probability of the labelling: of those of its paths that stayed in the
            beam, hence at most the true one.
        score: what decides the order: ``log_p`` and what language model and hotwords add.
    """

    labels: tuple[int, ...]
    log_p: float
    score: float


class Frames(NamedTuple):
    """The emissions, frame by frame: lists of T tensors.

    Attributes:
        log_p: (N, V).
        best: (N, V-1) of all labels but the blank, the likeliest first.
        labels: (N, V-1) which they are.
        rank: (N, V) where a label stands there; the blank at V-1.
    """

    log_p: Sequence[Tensor]
    best: Sequence[Tensor]
    labels: Sequence[Tensor]
    rank: Sequence[Tensor]


class Beams(NamedTuple):
    """K prefixes of each utterance, each tensor (N, K), the likeliest first.

    Attributes:
        total: ln of the sum over their paths, but for what was taken off all alike.
        blank: of those that end in a blank.
        label: of those that end in the last label.
        last: the last label; the blank for the empty prefix.
        key: hash of the prefix.
        stem: hash of the prefix without its last label.
        node: which entry of the history it is.
    """

    total: Tensor
    blank: Tensor
    label: Tensor
    last: Tensor
    key: Tensor
    stem: Tensor
    node: Tensor


class Search:
    """The tables and the step. ``pairs`` (beam i, rank r) are what is tried in each frame."""

    def __init__(self, log_p: Tensor, beam: int, blank: int, fusion: Fusion | None) -> None:
        utterances, _, classes = log_p.shape
        self.blank, self.beam = blank, beam
        i, r = torch.arange(beam)[:, None], torch.arange(classes - 1)[None]
        tried = (i + 1) * r <= beam  # (K, V-1); the module's docstring says why
        tried |= fusion is not None  # a word or hotword may overtake
        self.i, self.r = tried.nonzero().unbind(1)  # (M,)
        none = len(self.i)  # a place for what is not tried
        self.place = torch.full((beam, classes), none)
        self.place[self.i, self.r] = torch.arange(none)
        stay = torch.arange(beam)
        self.source = torch.cat([stay, self.i, torch.zeros(1, dtype=torch.long)])  # (K+M+1,)
        self.rank_of = torch.cat([torch.zeros_like(stay), self.r, torch.zeros(1, dtype=torch.long)])
        self.row = stay * classes  # (K,) of ``place``
        self.nowhere = torch.tensor(none)
        self.entry = stay + 1  # (K,) in the history, before those of earlier frames are added
        self.never = log_p.new_full((), NEVER)  # a tensor: each number would be made one
        self.unheld = log_p.new_full((utterances, none + 1), NEVER)
        empty = log_p.new_zeros(utterances, beam)
        others = _others(classes, blank)
        self.ranking = Ranking(fusion, empty, others) if fusion else None
        self.history: History = []

    def start(self) -> Beams:
        """The empty prefix, and K-1 places that nothing has filled."""
        none = self.unheld.new_full((len(self.unheld), self.beam), NEVER)
        total = none.clone()
        total[:, 0] = 0
        zeros = torch.zeros_like(total, dtype=torch.long)
        key = zeros.clone()
        key[:, 0] = PLUS
        return Beams(total, total, none, zeros + self.blank, key, zeros - 1, zeros)

    def step(self, beams: Beams, t: int, frames: Frames) -> Beams:
        """Frame ``t``: the new beams. What they came from goes into the history."""
        log_p, rank = frames.log_p[t], frames.rank[t]
        own = log_p.gather(1, beams.last)  # of the last label
        again = beams.blank + own  # the last label once more, after a blank: a longer prefix
        parent, has = _parents(beams)

        blank = beams.total + log_p[:, self.blank : self.blank + 1]
        label = torch.logaddexp(beams.label + own, _from(beams, parent, own).where(has, self.never))
        new = beams.total.index_select(1, self.i) + frames.best[t].index_select(1, self.r)
        new = torch.cat([new, self.unheld[:, :1]], 1)  # (N, M+1)
        at = rank.gather(1, beams.last)
        new.scatter_(1, self.place.take(at + self.row), again)
        held = self.place.take(at + parent * self.place.shape[1])
        new.scatter_(1, held.where(has, self.nowhere), NEVER)  # it is added to the prefix
        new[:, -1] = NEVER

        total, best = self._best(torch.cat([torch.logaddexp(blank, label), new], 1), beams)
        blank = torch.cat([blank, self.unheld], 1).gather(1, best)
        label = torch.cat([label, new], 1).gather(1, best)
        return self._chosen(beams, t, frames, best, (total, blank, label))

    def _best(self, sums: Tensor, beams: Beams) -> tuple[Tensor, Tensor]:
        """The K best candidates: their sums and places (N, K)."""
        if self.ranking is None:
            total, best = sums.topk(self.beam, 1)
            return total, best
        best = self.ranking.choose(sums, beams.node, self.history)
        return sums.gather(1, best), best

    def _chosen(
        self,
        beams: Beams,
        t: int,
        frames: Frames,
        best: Tensor,
        sums: tuple[Tensor, Tensor, Tensor],
    ) -> Beams:
        source, stays = self.source.take(best), best < self.beam
        longer = frames.labels[t].gather(1, self.rank_of.take(best))
        key, node = beams.key.gather(1, source), beams.node.gather(1, source)
        self.history.append((node, longer))
        dead = sums[0] == NEVER  # no prefix, or one that is held elsewhere: nothing may find it
        mixed = (key ^ (key >> 29)) * ODD + longer * PLUS
        return Beams(
            *sums,
            beams.last.gather(1, source).where(stays, longer),
            key.where(stays, mixed).masked_fill(dead, 0),
            beams.stem.gather(1, source).where(stays, key).masked_fill(dead, -1),
            node.where(stays, self.entry + t * self.beam),
        )


def _parents(beams: Beams) -> tuple[Tensor, Tensor]:
    """Which beam (N, K) holds a prefix without its last label, and whether any does."""
    keys, order = beams.key.sort(1)
    at = torch.searchsorted(keys, beams.stem).clamp_(max=keys.shape[1] - 1)
    return order.gather(1, at), keys.gather(1, at) == beams.stem


def _from(beams: Beams, parent: Tensor, own: Tensor) -> Tensor:
    """Paths (N, K) that come from the parent by the last label: after a blank if it repeats."""
    repeats = beams.last.gather(1, parent) == beams.last
    before = torch.where(repeats, beams.blank.gather(1, parent), beams.total.gather(1, parent))
    return before + own


@torch.no_grad()
def beam_search(
    log_p: Tensor,
    lengths: Tensor | Sequence[int] | None = None,
    *,
    beam: int = 50,
    n_best: int = 1,
    blank: int = 0,
    skip: float | None = None,
    fusion: Fusion | None = None,
) -> list[list[Hypothesis]]:
    """The ``n_best`` labellings of each utterance, the likeliest first.

    >>> frames = torch.tensor([[0.6, 0.4], [0.6, 0.4]])  # best path: two blanks, 0.36
    >>> [[first, second]] = beam_search(frames.log()[None], n_best=2)
    >>> first.labels, round(first.log_p, 4) == round(torch.tensor(0.64).log().item(), 4)
    ((1,), True)

    Args:
        log_p: (N, T, V) log-softmax; what stands behind an utterance's length is not looked at.
        lengths: (N,) frames of each utterance; all T if not given.
        beam: how many prefixes K are held; fewer hypotheses come back if there are no more.
        skip: a frame whose blank has at least this probability is left out if the one before it
            was such too: 0.999 is quick and near enough; None leaves out nothing.
        fusion: language model and hotwords.

    Raises:
        BadInput: for shapes, lengths or numbers that do not fit.
    """
    lengths = _checked(log_p, lengths, beam, n_best, blank)
    if fusion and (len(fusion.texts), fusion.blank) != (log_p.shape[2], blank):
        got = f"{len(fusion.texts)} texts and blank {fusion.blank}"
        raise BadInput(f"fusion must be of {log_p.shape[2]} labels and blank {blank}, got {got}")
    log_p = log_p.cpu()
    taken = log_p.new_zeros(len(log_p), 1, dtype=torch.float64)
    if skip is not None:
        log_p, lengths, taken = _without_still(log_p, lengths, blank, skip)
    frames = _frames(log_p, lengths, blank, in_order=fusion is None)
    search = Search(log_p, beam, blank, fusion)
    beams = search.start()
    for t in range(log_p.shape[1]):
        beams = search.step(beams, t, frames)
        if t % AGAIN == 0:
            most = beams.total.amax(1, keepdim=True)
            taken += most
            sums = (x - most for x in beams[:3])
            beams = Beams(*sums, *beams[3:])
    total = (beams.total.double() + taken)[:, : beam if fusion else n_best]
    found = _hypotheses(search.history, total, beams.node[:, : total.shape[1]], fusion)
    return [hypotheses[:n_best] for hypotheses in found]


def _hypotheses(
    history: History, total: Tensor, node: Tensor, fusion: Fusion | None
) -> list[list[Hypothesis]]:
    """The prefixes ``node`` (N, n) as labellings, by score."""
    found = []
    for rows, sums in zip(_trace(history, node), total.tolist(), strict=True):
        live = [(tuple(row), log_p) for row, log_p in zip(rows, sums, strict=True) if log_p > NEVER]
        bonus = [fusion.bonus(row) if fusion else 0.0 for row, _ in live]
        scored = [Hypothesis(*pair, pair[1] + more) for pair, more in zip(live, bonus, strict=True)]
        found.append(sorted(scored, key=lambda h: -h.score))
    return found


def _trace(history: History, node: Tensor) -> list[list[list[int]]]:
    """The labels of the prefixes ``node`` (N, n): each entry names its label and the one before."""
    if not history:
        return [[[] for _ in row] for row in node.tolist()]
    before, label = (torch.cat(side, 1) for side in zip(*history, strict=True))  # (N, T K)
    found: list[list[list[int]]] = [[[] for _ in row] for row in node.tolist()]
    while (node > 0).any():
        at = (node - 1).clamp(min=0)
        said = label.gather(1, at).where(node > 0, -1).tolist()
        for into, row in zip(found, said, strict=True):
            for labels, c in zip(into, row, strict=True):
                if c >= 0:
                    labels.append(c)
        node = before.gather(1, at).where(node > 0, 0)
    return [[labels[::-1] for labels in rows] for rows in found]


def _others(classes: int, blank: int) -> list[int]:
    return [c for c in range(classes) if c != blank]


def _without_still(
    log_p: Tensor, lengths: Tensor, blank: int, skip: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Leave out frames that are blank and follow such a frame: the rest (N, T', V), its lengths.

    The first of them has parted equal neighbours, and the others say nothing new. Third comes the
    ln p (N, 1) of what was left out.
    """
    inside = torch.arange(log_p.shape[1]) < lengths[:, None]
    still = inside & (log_p[:, :, blank] >= math.log(skip))
    out = still.clone()
    out[:, 1:] &= still[:, :-1]
    out[:, :1] = False
    taken = log_p[:, :, blank].double().where(out, 0.0).sum(1, keepdim=True)
    kept = inside & ~out
    order = (~kept).to(torch.int8).argsort(dim=1, stable=True)[:, : int(kept.sum(1).max())]
    rest = log_p.gather(1, order[:, :, None].expand(-1, -1, log_p.shape[2]))
    return rest, kept.sum(1), taken


def _frames(log_p: Tensor, lengths: Tensor, blank: int, in_order: bool) -> Frames:
    """The likeliest labels of each frame first, if ``in_order``; certain blanks in the padding."""
    inside = torch.arange(log_p.shape[1]) < lengths[:, None]  # (N, T)
    still = log_p.new_full((log_p.shape[2],), NEVER)
    still[blank] = 0
    log_p = log_p.where(inside[:, :, None], still).transpose(0, 1).contiguous()  # (T, N, V)
    others = torch.tensor(_others(log_p.shape[2], blank), dtype=torch.long)
    best, labels = log_p[:, :, others], others.expand(*log_p.shape[:2], -1)
    if in_order:
        best, at = best.sort(2, descending=True)
        labels = others[at]
    rank = torch.full_like(log_p, len(others), dtype=torch.long)
    rank.scatter_(2, labels, torch.arange(len(others)).expand_as(labels))
    return Frames(log_p.unbind(0), best.unbind(0), labels.unbind(0), rank.unbind(0))


def _checked(
    log_p: Tensor, lengths: Tensor | Sequence[int] | None, beam: int, n_best: int, blank: int
) -> Tensor:
    check_log_p(log_p, blank)
    if log_p.shape[2] < 2:
        raise BadInput("there must be a label besides the blank, got V = 1")
    if not 1 <= n_best <= beam:
        raise BadInput(f"n_best must be from 1 to the beam of {beam}, got {n_best}")
    found = as_lengths(lengths, len(log_p), log_p.shape[1])
    inside = torch.arange(log_p.shape[1]) < found[:, None]
    if not log_p.amax(2).cpu()[inside].isfinite().all():
        raise BadInput("log-probabilities must be finite for a label of each frame, got NaN or inf")
    check_normalised(log_p)
    return found
