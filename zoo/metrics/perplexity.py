"""The exact score of one long text under a recurrent model, many places of the text at a time.

The protocol (Zaremba et al. 2014; Merity et al. 2017) reads a text from its first word to its last
with the state carried along: one word at a time, which leaves a machine idle. Here the text is cut
into segments that are read side by side. Each but the first must start with the state in which the
one before ended; that is not known beforehand, so it is guessed and corrected: read all from zero,
start each where its neighbour ended, and read again those whose neighbour has now ended elsewhere,
until none has. Then every segment goes on from the other, and by induction from the first word on
this *is* the sequential reading, whatever the number of segments. As recurrent networks forget, two
or three readings do; one that never forgot would need as many as there are segments.
Proof: tests/metrics/test_perplexity.py.
"""

from typing import Any

import torch
from torch import Tensor

SAME = 1e-6  # states nearer than this, relative to 1 or to their size, are the same
LEAST = 512  # tokens in a segment, if the width is not given
WIDTH = 64  # segments at most, if the width is not given
VALUES = 1 << 24  # logits at a time


@torch.no_grad()
def carried_nats(
    model: Any, numbers: Tensor, width: int | None = None, length: int | None = None
) -> tuple[float, int]:
    """Sum of -log p of every token but the first, and how many these are.

    Args:
        model: a language model (zoo/models/language_model.py) in evaluation mode.
        numbers: (T,) the text.
        width: segments; it changes the time that this takes, not the result.
        length: tokens of a segment in one call of the model; likewise.
    """
    count = len(numbers) - 1
    width = max(1, min(width or WIDTH, count if width else count // LEAST))
    each = count // width
    length = length or max(1, min(256, VALUES // (width * model.embedding.num_embeddings)))
    rows, wanted = (numbers[at : at + width * each].view(width, each) for at in (0, 1))
    starts = model.start(width)
    nats = torch.zeros(width, dtype=torch.float64, device=numbers.device)
    ends = _read(model, rows, starts, length)[0] if width > 1 else starts
    wrong = torch.arange(width, device=numbers.device)
    while len(wrong):
        starts[:, :, 1:] = ends[:, :, :-1]
        again = _read(model, rows[wrong], starts[:, :, wrong], length, wanted[wrong])
        ends[:, :, wrong], nats[wrong] = again
        moved = (ends[:, :, :-1] - starts[:, :, 1:]).abs() / starts[:, :, 1:].abs().clamp(min=1)
        wrong = 1 + (moved.amax((0, 1, 3)) > SAME).nonzero().squeeze(1)
    rest = numbers[width * each :]  # fewer than there are segments
    _, last = _read(model, rest[None, :-1], ends[:, :, -1:], length, rest[None, 1:])
    return float(nats.sum() + last.sum()), count


def _read(
    model: Any, rows: Tensor, state: Tensor, length: int, wanted: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """State after ``rows`` (N, T), and the nats (N,) of ``wanted``, if they are."""
    nats = torch.zeros(len(rows), dtype=torch.float64, device=rows.device)
    for at in range(0, rows.shape[1], length):
        window = slice(at, at + length)
        features, state = model.features(rows[:, window], state)
        if wanted is not None:
            nats += model.nats(features, wanted[:, window]).double().sum(1)
    return state, nats
