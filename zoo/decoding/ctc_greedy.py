"""CTC, best path decoding: the likeliest label of each frame, repeats merged, blanks dropped.

Paper: Graves et al. 2006, "Connectionist Temporal Classification", sec. 3.2, eq. 4 and the
approximation after it. Notes: course 5, week 3, "Speech recognition".
It finds the likeliest path, which need not belong to the likeliest labelling: see ctc_beam.
Proof: tests/decoding/test_ctc_greedy.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.ops.ctc import as_lengths, check_log_p


class Span(NamedTuple):
    """One label and the frames where the path is at it.

    Attributes:
        label: its index in the vocabulary.
        first: its first frame.
        last: its last frame, that one included.
        p: mean probability of the label over these frames: its confidence.
    """

    label: int
    first: int
    last: int
    p: float


@dataclass(frozen=True)
class BestPath:
    """The labelling of one utterance.

    Attributes:
        spans: its labels in order, each with its frames.
        log_p: ln of the probability of this one path; the labelling's own is higher.
    """

    spans: tuple[Span, ...]
    log_p: float

    @property
    def labels(self) -> tuple[int, ...]:
        """The labels without their frames."""
        return tuple(span.label for span in self.spans)


@torch.no_grad()
def best_path(
    log_p: Tensor, lengths: Tensor | Sequence[int] | None = None, blank: int = 0
) -> list[BestPath]:
    """The best path of each utterance, all at once.

    >>> frames = torch.tensor([[0.1, 0.9], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
    >>> [path] = best_path(frames.log()[None])
    >>> path.labels, [(span.first, span.last) for span in path.spans]
    ((1, 1), [(0, 1), (3, 3)])

    Args:
        log_p: (N, T, V); frames beyond an utterance's length are ignored.
        lengths: (N,) frames of each utterance; all T if not given.

    Raises:
        BadInput: for shapes, lengths or a blank that do not fit.
    """
    check_log_p(log_p, blank)
    frames = as_lengths(lengths, len(log_p), log_p.shape[1])
    value, path = log_p.max(2)
    inside = torch.arange(log_p.shape[1]) < frames[:, None]
    value, path = value.cpu().where(inside, 0.0), path.cpu().where(inside, blank)  # (N, T)
    return spans_of(path, value, blank)


def spans_of(path: Tensor, value: Tensor, blank: int) -> list[BestPath]:
    """Labels with their frames from paths (N, T) of log-probabilities ``value`` (N, T)."""
    same = path[:, 1:] == path[:, :-1]
    edge = torch.ones_like(path[:, :1], dtype=torch.bool)
    labelled = path != blank
    begins = (labelled & torch.cat([edge, ~same], 1)).nonzero().tolist()
    ends = (labelled & torch.cat([~same, edge], 1)).nonzero()[:, 1].tolist()
    sums = value.double().exp().cumsum(1)
    total = torch.cat([torch.zeros_like(sums[:, :1]), sums], 1).tolist()
    spans: list[list[Span]] = [[] for _ in range(len(path))]
    labels = path.tolist()
    for (n, first), last in zip(begins, ends, strict=True):
        p = (total[n][last + 1] - total[n][first]) / (last + 1 - first)
        spans[n].append(Span(labels[n][first], first, last, p))
    scores = value.double().sum(1).tolist()
    return [BestPath(tuple(s), score) for s, score in zip(spans, scores, strict=True)]
