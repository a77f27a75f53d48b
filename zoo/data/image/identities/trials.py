"""One-shot trials: some identities, each shown once; which of them does another image show?

Proof: tests/data/image/identities/test_trials.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.engine.seed import generator


@dataclass(frozen=True, eq=False)
class Trial:
    """W candidates and Q questions. All are rows of a set of images.

    Attributes:
        support: (W,) int64, an image of each candidate.
        query: (Q,) int64, the images in question.
        answer: (Q,) int64, which candidate it is: a column of ``support``.
    """

    support: Tensor
    query: Tensor
    answer: Tensor

    def __post_init__(self) -> None:
        if self.query.shape != self.answer.shape or self.support.dim() != 1:
            shapes = [tuple(x.shape) for x in (self.support, self.query, self.answer)]
            raise ValueError(f"support (W,), query and answer (Q,) expected, got {shapes}")


def drawn_trials(
    labels: Tensor,
    ways: int = 20,
    runs: int = 10,
    seed: int = 0,
    groups: Sequence[Sequence[int]] | None = None,
) -> tuple[Trial, ...]:
    """Trials with other images of the same identities as questions, one for each candidate.

    Args:
        labels: (N,) the identity of each image; those with a single image are no candidates.
        ways: candidates of a trial, or as many as there are.
        runs: trials, of each group if there are groups.
        groups: labels that are asked for together, such as the characters of one alphabet; None:
            any.
    """
    images = {int(label): (labels == label).nonzero().flatten() for label in labels.unique()}
    usable = [label for label, rows in images.items() if len(rows) >= 2]
    draw, trials = generator(seed, "one-shot"), []
    for group in [usable] if groups is None else groups:
        members = torch.tensor([label for label in group if label in set(usable)])
        for _ in range(runs if len(members) >= 2 else 0):
            chosen = members[torch.randperm(len(members), generator=draw)[:ways]].tolist()
            pairs = [images[c][torch.randperm(len(images[c]), generator=draw)[:2]] for c in chosen]
            support, query = torch.stack(pairs).T
            order = torch.randperm(len(chosen), generator=draw)
            trials.append(Trial(support, query[order], order))
    return tuple(trials)
