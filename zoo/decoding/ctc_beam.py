"""CTC prefix beam search: the likeliest labellings, all utterances and all beams at once.

Paper: Graves et al. 2006, "Connectionist Temporal Classification", sec. 3.2 (prefix search);
Hannun et al. 2014, arXiv:1408.2873, algorithm 1 (the beam, the language model).
Notes: course 5, week 3, "Speech recognition"; week 3, "Beam search".
A prefix holds two sums over paths: those that end in a blank and those that end in its last label;
zoo/decoding/ctc_beam_plain.py is the same for one utterance in plain dictionaries. A few utterances
are searched one by one in numpy (zoo/decoding/ctc_beam_alone.py), which is sooner.

Three short cuts, none of which changes a result:
- The beams are sorted. Prefix i (from 0) with the label of rank r (from 0) in this frame is behind
  at least i r + r - 1 other new prefixes: with (i + 1) r > K it cannot be among the K best and is
  not computed. Of 50 x 28 candidates 234 are left.
- A prefix is identified by a hash of 64 bits, so that a new prefix that is already in the beam is
  added to it. A collision would merge two prefixes: at 500 frames and 50 beams that is expected
  once in 10^13 utterances.
- After an utterance's last frame come blanks of probability 1, which change nothing: no masks.

Deviations: none, unless frames are skipped.
Proof: tests/decoding/test_ctc_beam.py (brute force over all paths; the dictionaries).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.decoding.ctc_beam_alone import search_alone
from zoo.decoding.ctc_beam_ranking import Backpointers
from zoo.decoding.ctc_beam_step import NEVER, Search, sorted_frames
from zoo.decoding.ctc_lm_score import Fusion, LanguageModel
from zoo.errors import BadInput
from zoo.ops.ctc import as_lengths, check_log_p, check_normalised

__all__ = ["Fusion", "Hypothesis", "LanguageModel", "beam_search"]
FEW = 3  # utterances that are searched one by one
RESCALE = 16  # frames after which the sums are shifted to a maximum of 0, for float32's sake


@dataclass(frozen=True)
class Hypothesis:
    """One labelling of an utterance.

    Attributes:
        labels: indices in the vocabulary, without blanks.
        log_p: ln of the probability of the labelling, summed over the paths that stayed in the
            beam, hence at most the true one.
        score: by which hypotheses are sorted: ``log_p`` and the bonus of the fusion.
    """

    labels: tuple[int, ...]
    log_p: float
    score: float


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
        log_p: (N, T, V) log-softmax; frames beyond an utterance's length are ignored.
        lengths: (N,) frames of each utterance; all T if not given.
        beam: K, how many prefixes are kept; fewer hypotheses come back if there are no more.
        skip: a frame whose blank has at least this probability is left out if the frame before
            it has too; 0.999 is quick and nearly exact; None leaves out nothing.
        fusion: language model and hotwords.

    Raises:
        BadInput: for shapes, lengths or numbers that do not fit.
    """
    lengths = _checked(log_p, lengths, beam, n_best, blank)
    if fusion and (len(fusion.texts), fusion.blank) != (log_p.shape[2], blank):
        got = f"{len(fusion.texts)} texts and blank {fusion.blank}"
        raise BadInput(f"fusion must be of {log_p.shape[2]} labels and blank {blank}, got {got}")
    log_p = log_p.cpu()
    offset = log_p.new_zeros(len(log_p), 1, dtype=torch.float64)
    if skip is not None:
        log_p, lengths, offset = _without_blanks(log_p, lengths, blank, skip)
    if len(log_p) <= FEW:
        sounds = zip(
            log_p.detach().double().numpy(), lengths.tolist(), offset[:, 0].tolist(), strict=True
        )
        return [_alone(one[:n], first, beam, n_best, blank, fusion) for one, n, first in sounds]
    frames = sorted_frames(log_p, lengths, blank, in_order=fusion is None)
    search = Search(log_p, beam, blank, fusion)
    beams = search.start()
    for t in range(log_p.shape[1]):
        beams = search.step(beams, t, frames)
        if t % RESCALE == 0:
            largest = beams.total.amax(1, keepdim=True)
            offset, beams = offset + largest, beams.rescaled(largest)
    total = (beams.total.double() + offset)[:, : beam if fusion else n_best]
    node = beams.node[:, : total.shape[1]]
    hypotheses = _hypotheses(search.backpointers, total, node, fusion)
    return [each[:n_best] for each in hypotheses]


def _alone(
    log_p: Any, offset: float, beam: int, n_best: int, blank: int, fusion: Fusion | None
) -> list[Hypothesis]:
    """The hypotheses of one utterance (T, V)."""
    found = search_alone(log_p, beam, blank, beam if fusion else n_best, fusion)
    likely = [(labels, p + offset) for labels, p in found if p > NEVER]
    bonus = [fusion.bonus(labels) if fusion else 0.0 for labels, _ in likely]
    scored = [Hypothesis(*pair, pair[1] + b) for pair, b in zip(likely, bonus, strict=True)]
    return sorted(scored, key=lambda h: -h.score)[:n_best]


def _hypotheses(
    backpointers: Backpointers, total: Tensor, node: Tensor, fusion: Fusion | None
) -> list[list[Hypothesis]]:
    """The prefixes ``node`` (N, n) as hypotheses, the best first."""
    hypotheses = []
    for rows, sums in zip(_trace(backpointers, node), total.tolist(), strict=True):
        pairs = [(tuple(row), p) for row, p in zip(rows, sums, strict=True) if p > NEVER]
        bonus = [fusion.bonus(labels) if fusion else 0.0 for labels, _ in pairs]
        scored = [Hypothesis(*pair, pair[1] + b) for pair, b in zip(pairs, bonus, strict=True)]
        hypotheses.append(sorted(scored, key=lambda h: -h.score))
    return hypotheses


def _trace(backpointers: Backpointers, node: Tensor) -> list[list[list[int]]]:
    """The labels of the prefixes ``node`` (N, n), by following the backpointers."""
    if not backpointers:
        return [[[] for _ in row] for row in node.tolist()]
    parent, label = (torch.cat(side, 1) for side in zip(*backpointers, strict=True))  # (N, T K)
    reverse: list[list[list[int]]] = [[[] for _ in row] for row in node.tolist()]
    while (node > 0).any():
        at = (node - 1).clamp(min=0)
        step = label.gather(1, at).where(node > 0, -1).tolist()
        for rows, row in zip(reverse, step, strict=True):
            for labels, c in zip(rows, row, strict=True):
                if c >= 0:
                    labels.append(c)
        node = parent.gather(1, at).where(node > 0, 0)
    return [[labels[::-1] for labels in rows] for rows in reverse]


def _without_blanks(
    log_p: Tensor, lengths: Tensor, blank: int, skip: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Leave out blank frames that follow another one: the rest (N, T', V), its lengths (N,).

    The first of a run separates equal labels; the others change nothing. Third comes the ln p
    (N, 1) of the frames that were left out.
    """
    inside = torch.arange(log_p.shape[1]) < lengths[:, None]
    silent = inside & (log_p[:, :, blank] >= math.log(skip))
    dropped = silent.clone()
    dropped[:, 1:] &= silent[:, :-1]
    dropped[:, :1] = False
    offset = log_p[:, :, blank].double().where(dropped, 0.0).sum(1, keepdim=True)
    kept = inside & ~dropped
    order = (~kept).to(torch.int8).argsort(dim=1, stable=True)[:, : int(kept.sum(1).max())]
    rest = log_p.gather(1, order[:, :, None].expand(-1, -1, log_p.shape[2]))
    return rest, kept.sum(1), offset


def _checked(
    log_p: Tensor, lengths: Tensor | Sequence[int] | None, beam: int, n_best: int, blank: int
) -> Tensor:
    check_log_p(log_p, blank)
    if log_p.shape[2] < 2:
        raise BadInput("there must be a label besides the blank, got V = 1")
    if not 1 <= n_best <= beam:
        raise BadInput(f"n_best must be from 1 to the beam of {beam}, got {n_best}")
    frames = as_lengths(lengths, len(log_p), log_p.shape[1])
    inside = torch.arange(log_p.shape[1]) < frames[:, None]
    if not log_p.amax(2).cpu()[inside].isfinite().all():
        raise BadInput("log-probabilities must be finite for a label of each frame, got NaN or inf")
    check_normalised(log_p)
    return frames
