"""All pairs of a set of vectors, by how unlike they are.

Proof: tests/tasks/test_verification_pairs.py.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.engine.seed import generator
from zoo.nn.verifier import Verifier

AT_ONCE = 4_000_000  # pairs that are compared in one go
MOST_IMAGES = 4_000  # whose pairs are all compared: 8 million


class Pairs(NamedTuple):
    """Pairs of images, the most mistaken first."""

    values: Tensor  # (Q,) how unlike they are
    first: Tensor  # (Q,) rows
    second: Tensor


def whole_identities(labels: Tensor, most: int = MOST_IMAGES) -> Tensor:
    """The rows of all identities, or of so many drawn ones that they have ``most`` images or fewer.

    >>> whole_identities(torch.tensor([0, 1, 0, 1])).tolist()
    [0, 1, 2, 3]
    """
    labels = labels.cpu()
    if len(labels) <= most:
        return torch.arange(len(labels))
    counts = labels.bincount()
    order = torch.randperm(len(counts), generator=generator(0, "pairs"))
    chosen = order[counts[order].cumsum(0) <= most]
    return torch.isin(labels, chosen).nonzero().flatten()


@torch.no_grad()
def pair_scores(model: Verifier, vectors: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """How unlike all pairs of the same identity are, and all pairs of two, on the CPU.

    Args:
        vectors: (N, D).
        labels: (N,) identities.

    Returns:
        (Q,) and (R,) float32; each pair counts once.
    """
    same, two = [], []
    for table, is_same, upper in _tables(model, vectors, labels):
        same.append(table[is_same & upper].cpu())
        two.append(table[~is_same & upper].cpu())
    return torch.cat(same), torch.cat(two)


@torch.no_grad()
def most_mistaken(
    model: Verifier, vectors: Tensor, labels: Tensor, most: int, threshold: float
) -> tuple[Pairs, Pairs]:
    """Pairs of two identities that are taken for the same, and pairs of the same that are not.

    Args:
        most: of each kind.
        threshold: the greatest dissimilarity that counts as the same.
    """
    accepts, rejects, start = [], [], 0
    for table, is_same, upper in _tables(model, vectors, labels):
        accepts.append(_worst(-table, ~is_same & upper & (table <= threshold), most, start))
        rejects.append(_worst(table, is_same & upper & (table > threshold), most, start))
        start += len(table)
    wrong = [_joined(kind, most) for kind in (accepts, rejects)]
    return wrong[0]._replace(values=-wrong[0].values), wrong[1]


def _tables(
    model: Verifier, vectors: Tensor, labels: Tensor
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Some rows at a time: how unlike they are to all; of the same; each pair's second below."""
    start, columns = 0, torch.arange(len(labels), device=labels.device)
    for some in vectors.split(max(1, AT_ONCE // max(len(vectors), 1))):
        rows = columns[start : start + len(some), None]
        table = model.dissimilarity(some, vectors).float()
        yield table, labels[rows] == labels, rows < columns
        start += len(some)


def _worst(values: Tensor, chosen: Tensor, most: int, start: int) -> Pairs:
    """The highest of the chosen values (M, N), whose rows begin at ``start``."""
    count = min(most, int(chosen.sum()))
    found = values.masked_fill(~chosen, -torch.inf).flatten().topk(count)
    first, second = found.indices // values.shape[1], found.indices % values.shape[1]
    return Pairs(found.values.cpu(), (first + start).cpu(), second.cpu())


def _joined(some: list[Pairs], most: int) -> Pairs:
    whole = Pairs(*(torch.cat(part) for part in zip(*some, strict=True)))
    order = whole.values.argsort(descending=True, stable=True)[:most]
    return Pairs(*(part[order] for part in whole))
