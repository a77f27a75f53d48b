"""CTC: the probability of a labelling as the sum over all paths that collapse to it.

Paper: Graves, Fernandez, Gomez and Schmidhuber 2006, "Connectionist Temporal Classification:
Labelling Unsegmented Sequence Data with Recurrent Neural Networks", sec. 4.
Notes: course 5, week 3, "Speech recognition".
``ctc_forward_backward`` is the recursion for the reader: alpha, beta, and the gradient from both.
``ctc_loss`` is torch's fused form of the same, which training uses, behind the checks it lacks.
Deviations: logarithms in place of the paper's rescaling of alpha and beta by their sums.
Proof: tests/losses/test_ctc.py (brute force over all V^T paths; torch's loss and gradient).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from zoo.errors import BadInput
from zoo.ops.ctc import (
    Labels,
    Lengths,
    check_batch,
    check_normalised,
    extended,
    frames_needed,
    infeasible,
    may_skip,
)

__all__ = ["ForwardBackward", "ctc_forward_backward", "ctc_loss", "infeasible"]

REDUCTIONS = ("utterance", "label", "none")
NEVER = -torch.inf


class ForwardBackward(NamedTuple):
    """Loss and gradient from alpha and beta.

    Attributes:
        loss: (N,) -ln p(labels | x), eq. 12; inf where no path fits.
        posteriors: (N, T, V) the probability that the path is at label k in frame t, given the
            labelling: the sum in eq. 15 over p(l | x). 0 in the padding.
        gradient: (N, T, V) of the loss by the inputs u of the softmax, eq. 16; 0 in the padding
            and where no path fits.
    """

    loss: Tensor
    posteriors: Tensor
    gradient: Tensor


@torch.no_grad()
def ctc_forward_backward(
    log_p: Tensor,
    targets: Labels,
    lengths: Lengths = None,
    target_lengths: Lengths = None,
    blank: int = 0,
) -> ForwardBackward:
    """Loss and gradient from alpha and beta; all utterances and labels at once, frame by frame.

    Args:
        log_p: (N, T, V) ln y, the log-softmax of the network's output.
        targets: a list of labellings, or (N, L) padded, with ``target_lengths``.
        lengths: (N,) frames of each utterance; all T if not given.
        target_lengths: (N,) labels of each, for a padded tensor.

    Raises:
        BadInput: for labels or lengths that do not fit.
    """
    labels, label_lengths, frames = check_batch(log_p, targets, lengths, target_lengths, blank)
    labels, label_lengths, frames = (x.to(log_p.device) for x in (labels, label_lengths, frames))
    full = extended(labels, blank)  # (N, S), S = 2L + 1
    y = log_p.gather(2, full[:, None, :].expand(-1, log_p.shape[1], -1))  # (N, T, S)
    skip = may_skip(full, blank)
    alpha = _alpha(y, skip)
    beta = _beta(y, skip, frames, label_lengths)
    log_z = _log_z(alpha, frames, label_lengths)

    posterior = alpha + beta - y - log_z[:, None, None]  # y is in both alpha and beta
    posterior = posterior.nan_to_num(nan=NEVER)  # y = 0, or no path at all
    posteriors = torch.zeros_like(log_p)
    posteriors.scatter_add_(2, full[:, None, :].expand_as(y), posterior.exp())
    used = torch.arange(log_p.shape[1], device=log_p.device) < frames[:, None]
    used &= (log_z > NEVER)[:, None]  # (N, T)
    gradient = (log_p.exp() - posteriors).where(used[:, :, None], 0.0)  # eq. 16
    return ForwardBackward(-log_z, posteriors, gradient)


def _alpha(y: Tensor, skip: Tensor) -> Tensor:
    """Eq. 5-7: ln of the sum over the beginnings of paths that are at l'_s in frame t."""
    alpha = torch.full_like(y, NEVER)
    alpha[:, :1, :2] = y[:, :1, :2]  # a path begins with the blank or the first label
    for t in range(1, y.shape[1]):
        before = alpha[:, t - 1]
        step = torch.logaddexp(before, _shifted(before, 1))  # eq. 7
        two = _shifted(before, 2).where(skip, NEVER)  # eq. 6
        alpha[:, t] = torch.logaddexp(step, two) + y[:, t]
    return alpha


def _beta(y: Tensor, skip: Tensor, frames: Tensor, label_lengths: Tensor) -> Tensor:
    """Eq. 9-11: ln of the sum over the ends of paths from l'_s in frame t, that frame included."""
    beta = torch.full_like(y, NEVER)
    ends = _ends(y.shape[2], label_lengths)
    after = y.new_full((len(y), y.shape[2]), NEVER)  # (N, S)
    for t in range(y.shape[1] - 1, -1, -1):
        step = torch.logaddexp(after, _shifted(after, -1))  # eq. 11
        two = _shifted(after.where(skip, NEVER), -2)  # eq. 10: l'_{s+2} may follow l'_s
        onward = torch.logaddexp(step, two)
        last = (frames == t + 1)[:, None]
        after = onward.where(~last, torch.zeros_like(onward).where(ends, NEVER)) + y[:, t]
        beta[:, t] = after
    return beta


def _log_z(alpha: Tensor, frames: Tensor, label_lengths: Tensor) -> Tensor:
    """Eq. 8: ln p(l | x) (N,), from the last label or the blank after it in the last frame."""
    if not alpha.shape[1]:
        return torch.zeros_like(frames, dtype=alpha.dtype).where(label_lengths == 0, NEVER)
    rows = torch.arange(len(alpha), device=alpha.device)
    last = alpha[rows, (frames - 1).clamp(min=0)].where(_ends(alpha.shape[2], label_lengths), NEVER)
    nothing = torch.zeros_like(last[:, 0]).where(label_lengths == 0, NEVER)  # of no frames
    return last.logsumexp(1).where(frames > 0, nothing)


def _ends(states: int, label_lengths: Tensor) -> Tensor:
    """Where a path may end (N, S): at the last label and at the blank after it."""
    s = torch.arange(states, device=label_lengths.device)
    after = 2 * label_lengths[:, None]
    return (s == after) | (s == after - 1)


def _shifted(x: Tensor, by: int) -> Tensor:
    """``x`` (N, S) moved that many places to the right, or left if negative; -inf behind."""
    moved = torch.full_like(x, NEVER)
    if by > 0:
        moved[:, by:] = x[:, :-by]
    else:
        moved[:, :by] = x[:, -by:]
    return moved


def ctc_loss(
    log_p: Tensor,
    targets: Labels,
    lengths: Lengths = None,
    target_lengths: Lengths = None,
    *,
    blank: int = 0,
    reduction: str = "utterance",
    skip_infeasible: bool = False,
    names: Sequence[str] | None = None,
) -> Tensor:
    """-ln p(labels | x) by torch's fused kernel, after checking the inputs.

    Args:
        log_p: (N, T, V) log-softmax; half precision is computed in float32.
        targets: a list of labellings, or (N, L) padded, with ``target_lengths``.
        lengths: (N,) frames of each utterance; all T if not given.
        reduction: "utterance": the mean over utterances, so that a long one counts more, as in the
            paper's sum; "label": the sum over the number of labels (torch's "mean" is neither: it
            divides each utterance by its own labels first); "none": (N,).
        skip_infeasible: leave out utterances with too few frames (``infeasible`` names them):
            they take no part in the mean and their gradient is 0; under "none" they are inf.
        names: of the utterances, for the error.

    Raises:
        BadInput: for labels or lengths that do not fit, log-probabilities whose first frames do
            not add up to 1, and utterances without a path, unless they are to be skipped.
    """
    if reduction not in REDUCTIONS:
        raise BadInput(f"reduction must be one of {', '.join(REDUCTIONS)}, got {reduction!r}")
    labels, label_lengths, frames = check_batch(log_p, targets, lengths, target_lengths, blank)
    check_normalised(log_p)
    fits = frames >= frames_needed(labels, label_lengths)
    if not fits.all() and not skip_infeasible:
        bad = infeasible(frames, labels, names, label_lengths)
        raise BadInput(f"{len(bad)} of {len(fits)} utterances have no path; the first: {bad[0]}")
    feasible = fits.nonzero().squeeze(1)
    loss = _fused(log_p, labels, label_lengths, frames, blank, feasible)
    if reduction == "none":
        every = log_p.new_full((len(log_p),), torch.inf, dtype=loss.dtype)
        return every.index_put((feasible.to(log_p.device),), loss)
    count = len(feasible) if reduction == "utterance" else int(label_lengths[feasible].sum())
    return loss.sum() / max(count, 1)


def _fused(
    log_p: Tensor,
    labels: Tensor,
    label_lengths: Tensor,
    frames: Tensor,
    blank: int,
    feasible: Tensor,
) -> Tensor:
    """The losses of the utterances ``feasible``; the others get no gradient."""
    if len(feasible) < len(log_p):
        log_p = log_p[feasible.to(log_p.device)]
        labels, label_lengths, frames = labels[feasible], label_lengths[feasible], frames[feasible]
    if log_p.dtype in (torch.float16, torch.bfloat16):
        log_p = log_p.float()
    if not log_p.numel():
        return log_p.sum((1, 2))  # no frames and no labels: ln 1, and a gradient of nothing
    labels = labels.to(log_p.device)
    by_time = log_p.transpose(0, 1)  # (T, N, V)
    return F.ctc_loss(by_time, labels, frames, label_lengths, blank=blank, reduction="none")
