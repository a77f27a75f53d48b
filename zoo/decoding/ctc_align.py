"""Forced alignment: the likeliest path of a labelling that is given, and the times of its words.

Paper: the Viterbi algorithm over the extended labels of Graves et al. 2006, "Connectionist Temporal
Classification", sec. 4.1: the recursion of eq. 6 and 7 with the greatest term in place of the sum.
Notes: course 5, week 3, "Speech recognition".
Proof: tests/decoding/test_ctc_align.py (all paths of small problems; torchaudio's forced_align).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.decoding.ctc_greedy import BestPath, Span, spans_of
from zoo.errors import BadInput
from zoo.ops.ctc import Labels, Lengths, check_batch, extended, infeasible, may_skip

NEVER = -torch.inf


class Word(NamedTuple):
    """Labels that stand between two spaces.

    Attributes:
        labels: indices in the vocabulary.
        first: the first frame of the first label.
        last: the last frame of the last label, that one included.
        p: mean probability of the labels over their own frames.
    """

    labels: tuple[int, ...]
    first: int
    last: int
    p: float


@torch.no_grad()
def forced_align(
    log_p: Tensor,
    targets: Labels,
    lengths: Lengths = None,
    target_lengths: Lengths = None,
    *,
    blank: int = 0,
    names: Sequence[str] | None = None,
) -> list[BestPath]:
    """The likeliest path that collapses to each labelling: the frames of each label, ln p.

    >>> frames = torch.tensor([[0.1, 0.9], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
    >>> [path] = forced_align(frames.log()[None], [[1]])  # the best path has the label twice
    >>> [(span.label, span.first, span.last, round(span.p, 2)) for span in path.spans]
    [(1, 0, 1, 0.85)]

    Args:
        log_p: (N, T, V) log-softmax; frames beyond an utterance's length are ignored.
        targets: a list of labellings, or (N, L) padded, with ``target_lengths``.
        lengths: (N,) frames of each utterance; all T if not given.
        names: of the utterances, for the error.

    Raises:
        BadInput: for labels or lengths that do not fit, and for a labelling without a path:
            it needs more frames, or a label has probability 0.
    """
    log_p = log_p.cpu()
    labels, label_lengths, frames = check_batch(log_p, targets, lengths, target_lengths, blank)
    short = infeasible(frames, labels, names, label_lengths)
    if short:
        raise BadInput(f"{len(short)} of {len(frames)} cannot be aligned; the first: {short[0]}")
    if not log_p.shape[1]:
        return [BestPath((), 0.0) for _ in frames]
    full = extended(labels, blank)  # (N, S), S = 2L + 1
    y = log_p.gather(2, full[:, None, :].expand(-1, log_p.shape[1], -1))  # (N, T, S)
    backpointers, state, best = _viterbi(y, may_skip(full, blank), frames, label_lengths)
    for n in (best == NEVER).nonzero().flatten().tolist()[:1]:
        name = names[n] if names else f"utterance {n}"
        raise BadInput(f"{name} cannot be aligned: every path of its labels has the probability 0")
    states = _backtrack(backpointers, state, frames)  # (N, T)
    inside = torch.arange(log_p.shape[1]) < frames[:, None]
    path = full.gather(1, states).where(inside, blank)
    value = y.gather(2, states[:, :, None]).squeeze(2).where(inside, 0.0)
    return spans_of(path, value, blank)


def _viterbi(
    y: Tensor, skip: Tensor, frames: Tensor, label_lengths: Tensor
) -> tuple[list[Tensor], Tensor, Tensor]:
    """Backpointers (N, S) of each frame as jumps; the last state (N,); ln p of the path (N,)."""
    score = torch.full_like(y[:, 0], NEVER)
    score[:, :2] = y[:, 0, :2]
    backpointers, final = [torch.zeros_like(skip, dtype=torch.long)], score
    edge = score.new_full((len(score), 2), NEVER)
    for t in range(1, y.shape[1]):
        padded = torch.cat([edge, score], 1)
        from_one = padded[:, 1:-1]
        from_two = padded[:, :-2].where(skip, NEVER)
        before, jump = torch.stack([score, from_one, from_two]).max(0)
        score = before + y[:, t]
        backpointers.append(jump)
        final = score.where((frames == t + 1)[:, None], final)
    last = torch.stack([2 * label_lengths, (2 * label_lengths - 1).clamp(min=0)], 1)  # (N, 2)
    best, which = final.gather(1, last).max(1)
    best = best.where(frames > 0, 0.0)  # no frames, no labels
    return backpointers, last.gather(1, which[:, None]).squeeze(1), best


def _backtrack(backpointers: list[Tensor], state: Tensor, frames: Tensor) -> Tensor:
    """The states (N, T) of the best path, from the last one back; in the padding the last one."""
    path = [state]
    for t in range(len(backpointers) - 1, 0, -1):
        step = backpointers[t].gather(1, state[:, None]).squeeze(1)
        state = (state - step).where(t < frames, state)
        path.append(state)
    return torch.stack(path[::-1], 1)


def words(spans: Iterable[Span], space: int | None) -> list[Word]:
    """The words of an utterance: its labels between spaces, or each label if there is no space.

    >>> hello = [Span(3, 2, 2, 0.5), Span(4, 4, 6, 0.9), Span(1, 7, 8, 1.0), Span(3, 9, 9, 0.7)]
    >>> words(hello, space=1)
    [Word(labels=(3, 4), first=2, last=6, p=0.8), Word(labels=(3,), first=9, last=9, p=0.7)]
    """
    groups: list[list[Span]] = [[]]
    for span in spans:
        if span.label == space:
            groups.append([])
        elif space is None:
            groups.append([span])
        else:
            groups[-1].append(span)
    return [_word(group) for group in groups if group]


def _word(spans: list[Span]) -> Word:
    frames = [span.last + 1 - span.first for span in spans]
    p = sum(span.p * n for span, n in zip(spans, frames, strict=True)) / sum(frames)
    return Word(tuple(span.label for span in spans), spans[0].first, spans[-1].last, p)
