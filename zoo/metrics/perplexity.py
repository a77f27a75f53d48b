"""The exact cross-entropy of one long text under a recurrent model, computed in parallel.

The protocol (Zaremba et al. 2014; Merity et al. 2017) reads a text from its first token to its last
and passes the hidden state on: one token at a time, which uses little of a machine. Here the text
is cut into segments that are read in parallel. Each but the first must start with the final state
of the one before, which is not known beforehand. So the states are found by iteration: all segments
are read from zeros; each is started with the final state of its neighbour; those whose neighbour
now ends in another state are read again, until none is left. By induction from the first segment on
the result *is* that of sequential reading, whatever the number of segments. As recurrent networks
forget, two or three iterations do; a network that never forgot would need one for each segment.
Proof: tests/metrics/test_perplexity.py.
"""

from typing import Any

import torch
from torch import Tensor

TOLERANCE = 1e-6  # of states that count as equal, relative to 1 or to their size
LEAST = 512  # tokens in a segment, if the width is not given
WIDTH = 64  # segments at most, if the width is not given
VALUES = 1 << 24  # logits at a time


@torch.no_grad()
def total_cross_entropy(
    model: Any, token_ids: Tensor, width: int | None = None, length: int | None = None
) -> tuple[float, int]:
    """The sum of -log p over all tokens but the first, and how many these are.

    Args:
        model: a language model (zoo/models/language_model.py) in evaluation mode.
        token_ids: (T,) the text, of any type of whole numbers.
        width: number of segments; changes the time, not the result.
        length: tokens of a segment in one call of the model; likewise.
    """
    count = len(token_ids) - 1
    width = max(1, min(width or WIDTH, count if width else count // LEAST))
    each = count // width
    length = length or max(1, min(256, VALUES // (width * model.embedding.num_embeddings)))
    rows, targets = (token_ids[at : at + width * each].view(width, each) for at in (0, 1))
    starts = model.start(width)
    sums = torch.zeros(width, dtype=torch.float64, device=token_ids.device)
    ends = _read(model, rows, starts, length)[0] if width > 1 else starts
    pending = torch.arange(width, device=token_ids.device)
    while len(pending):
        starts[:, :, 1:] = ends[:, :, :-1]
        again = _read(model, rows[pending], starts[:, :, pending], length, targets[pending])
        ends[:, :, pending], sums[pending] = again
        change = (ends[:, :, :-1] - starts[:, :, 1:]).abs() / starts[:, :, 1:].abs().clamp(min=1)
        pending = 1 + (change.amax((0, 1, 3)) > TOLERANCE).nonzero().squeeze(1)
    rest = token_ids[width * each :]  # fewer than there are segments
    _, last = _read(model, rest[None, :-1], ends[:, :, -1:], length, rest[None, 1:])
    return float(sums.sum() + last.sum()), count


def _read(
    model: Any, rows: Tensor, state: Tensor, length: int, targets: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The state after ``rows`` (N, T), and the sum of -log p (N,) of ``targets`` if given."""
    sums = torch.zeros(len(rows), dtype=torch.float64, device=rows.device)
    for at in range(0, rows.shape[1], length):
        window = slice(at, at + length)
        features, state = model.features(rows[:, window].long(), state)
        if targets is not None:
            losses = model.cross_entropy(features, targets[:, window].long())
            sums += losses.double().sum(1)
    return state, sums
