"""Connectionist temporal classification: labels, lengths, and the sequence with blanks between.

Paper: Graves, Fernandez, Gomez and Schmidhuber 2006, "Connectionist Temporal Classification",
sec. 3.1 and 4.1. Notes: course 5, week 3, "Speech recognition".
A path has one label or the blank per frame; B(path) merges equal neighbours, then drops blanks:
B(a-ab-) = B(-aa--abb) = aab. Lengths and labels are checked here: torch's fused loss reads out
of bounds for a label that is too large, and gives a finite value.
Proof: tests/ops/test_ctc.py.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from zoo.errors import BadInput

INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
Lengths = Tensor | Sequence[int] | None
Labels = Tensor | Sequence[Sequence[int]] | Sequence[Tensor]


def collapse(path: Sequence[int], blank: int = 0) -> list[int]:
    """B(path) (sec. 3.1): equal neighbours are one label, then blanks go.

    >>> collapse([1, 0, 1, 2, 0]), collapse([0, 1, 1, 0, 0, 1, 2, 2])
    ([1, 1, 2], [1, 1, 2])
    """
    before = [blank, *path]
    return [c for last, c in zip(before, path, strict=False) if c not in (last, blank)]


def as_lengths(lengths: Lengths, count: int, most: int, what: str = "lengths") -> Tensor:
    """Lengths (N,), int64 on the CPU; None means that all are ``most``.

    Raises:
        BadInput: unless they are ``count`` integers from 0 to ``most``.
    """
    if lengths is None:
        return torch.full((count,), most)
    given = torch.as_tensor(lengths)
    integer = given.dtype in INTEGERS or not given.numel()  # an empty list becomes a float tensor
    if not integer:
        raise BadInput(f"{what} must be integers, got {given.dtype}")
    given = given.long().cpu()
    if given.shape != (count,):
        raise BadInput(f"{what} must be ({count},), one an utterance, got {tuple(given.shape)}")
    if count and not 0 <= int(given.min()) <= int(given.max()) <= most:
        raise BadInput(f"{what} must be from 0 to {most}, got {given.tolist()}")
    return given


def as_labels(targets: Labels, lengths: Lengths = None) -> tuple[Tensor, Tensor]:
    """Labels (N, L) and lengths (N,), both int64 on the CPU, of a list or a padded tensor.

    >>> as_labels([[3, 1], []])
    (tensor([[3, 1],
            [0, 0]]), tensor([2, 0]))

    Raises:
        BadInput: for a tensor that is not of integers (N, L), or lengths that do not fit.
    """
    if isinstance(targets, Tensor):
        if targets.dim() != 2 or targets.is_floating_point():
            got = f"{targets.dtype} {tuple(targets.shape)}"
            raise BadInput(f"padded labels must be integers (N, L), got {got}")
        padded = targets.long().cpu()
        return padded, as_lengths(lengths, len(padded), padded.shape[1], "label lengths")
    rows = [[int(c) for c in row] for row in targets]
    counts = torch.tensor([len(row) for row in rows], dtype=torch.int64)
    if lengths is not None and torch.as_tensor(lengths).tolist() != counts.tolist():
        raise BadInput(f"label lengths are {counts.tolist()}, but {list(lengths)} was given")
    padded = torch.zeros(len(rows), max(map(len, rows), default=0), dtype=torch.int64)
    for row, labels in zip(padded, rows, strict=True):
        row[: len(labels)] = torch.tensor(labels, dtype=torch.int64)
    return padded, counts


def check_labels(labels: Tensor, lengths: Tensor, classes: int, blank: int) -> Tensor:
    """Refuse labels (N, L) outside 0 .. V-1 and blanks among them; the rest, with padding 0.

    Raises:
        BadInput: naming the first wrong label.
    """
    inside = torch.arange(labels.shape[1]) < lengths[:, None]
    wrong = inside & ((labels < 0) | (labels >= classes) | (labels == blank))
    if wrong.any():
        n, at = wrong.nonzero()[0].tolist()
        raise BadInput(
            f"labels must be from 0 to {classes - 1} without the blank {blank}, "
            f"got {int(labels[n, at])} as label {at} of utterance {n}"
        )
    return labels.where(inside, 0)


def check_log_p(log_p: Tensor, blank: int) -> None:
    """Refuse what is not (N, T, V) with the blank among V.

    Raises:
        BadInput: likewise.
    """
    if log_p.dim() != 3 or not log_p.is_floating_point():
        got = f"{log_p.dtype} {tuple(log_p.shape)}"
        raise BadInput(f"log-probabilities must be floats (N, T, V), got {got}")
    if not 0 <= blank < log_p.shape[2]:
        raise BadInput(f"the blank must be from 0 to {log_p.shape[2] - 1}, got {blank}")


def check_normalised(log_p: Tensor) -> None:
    """Refuse logits in place of log-probabilities, by the sums of the first frames.

    Raises:
        BadInput: if they do not add up to 1 over the labels.
    """
    within = 0.05 if log_p.dtype in (torch.float16, torch.bfloat16) else 1e-3
    total = log_p.detach()[:, :1].double().logsumexp(2)
    if (total.abs() > within).any():  # not of NaN: the loss will be NaN, and training stops
        raise BadInput(
            "log-probabilities must add up to 1 over the labels (log_softmax over the last "
            f"axis); the first frames add up to e^{total.abs().max():.2f}"
        )


def check_batch(
    log_p: Tensor, targets: Labels, lengths: Lengths, target_lengths: Lengths, blank: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Labels (N, L), their lengths (N,) and the frames (N,), on the CPU.

    Raises:
        BadInput: for labels, lengths or log-probabilities that do not go together.
    """
    check_log_p(log_p, blank)
    labels, label_lengths = as_labels(targets, target_lengths)
    if len(labels) != len(log_p):
        raise BadInput(f"{len(log_p)} utterances need as many labellings, got {len(labels)}")
    frames = as_lengths(lengths, len(log_p), log_p.shape[1])
    labels = check_labels(labels, label_lengths, log_p.shape[2], blank)
    return labels, label_lengths, frames


def frames_needed(labels: Tensor, lengths: Tensor) -> Tensor:
    """The fewest frames (N,) that can hold each labelling: equal neighbours need a blank between.

    >>> frames_needed(*as_labels([[1, 1, 2, 2, 3, 3], [1, 2, 3], []]))  # aabbcc, abc, nothing
    tensor([9, 3, 0])
    """
    repeated = labels[:, 1:] == labels[:, :-1]
    inside = torch.arange(1, 1 + repeated.shape[1]) < lengths[:, None]
    return lengths + (repeated & inside).sum(1)


def infeasible(
    lengths: Tensor | Sequence[int],
    targets: Labels,
    names: Sequence[str] | None = None,
    target_lengths: Lengths = None,
) -> list[str]:
    """The utterances that have fewer frames than their labels need, a line for each.

    No path collapses to them: their loss is infinite. Needed are as many frames as labels, and one
    more for each label that equals the one before it.

    >>> infeasible([8, 9], [[1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 3, 3]], ["a.wav", "b.wav"])
    ['a.wav: 8 frames, its 6 labels need 9']

    Args:
        names: of the utterances; if not given, ``utterance 0`` and so on.
    """
    labels, label_lengths = as_labels(targets, target_lengths)
    frames = as_lengths(lengths, len(labels), 2**62)
    need = frames_needed(labels, label_lengths)
    names = names or [f"utterance {n}" for n in range(len(labels))]
    rows = zip(names, frames.tolist(), label_lengths.tolist(), need.tolist(), strict=True)
    return [f"{name}: {t} frames, its {n} labels need {m}" for name, t, n, m in rows if t < m]


def extended(labels: Tensor, blank: int) -> Tensor:
    """The sequence l' (N, 2L+1): a blank before, between and after the labels (sec. 4.1).

    >>> extended(torch.tensor([[3, 1]]), 0)
    tensor([[0, 3, 0, 1, 0]])
    """
    full = labels.new_full((len(labels), 2 * labels.shape[1] + 1), blank)
    full[:, 1::2] = labels
    return full


def may_skip(full: Tensor, blank: int) -> Tensor:
    """Where l'_s can follow l'_{s-2} (N, 2L+1): never at a blank, nor after the same label."""
    skip = full != blank
    skip[:, :2] = False
    skip[:, 2:] &= full[:, 2:] != full[:, :-2]
    return skip
