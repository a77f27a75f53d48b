"""All pairs of a set of vectors, or those of a list in folds, by how unlike they are.

Proof: tests/tasks/test_verification_pairs.py.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.data.image.identities.pairs import FoldedPairs
from zoo.engine.seed import generator
from zoo.losses.verification.objectives import SQUARED
from zoo.metrics.verification.folds import UNIT_SPHERE, FoldScores, fold_scores
from zoo.metrics.verification.nearest import identification_error
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


@torch.no_grad()
def identified(model: Verifier, vectors: Tensor, labels: Tensor, ks: Sequence[int]) -> list[float]:
    """Percent of images whose identity is not that of most of the k nearest others, for each k."""
    table = torch.cat([table.cpu() for table, _, _ in _tables(model, vectors, labels)])
    return [identification_error(table, labels.cpu(), k) for k in ks]


def in_folds(model: Verifier, vectors: Tensor, folded: FoldedPairs) -> FoldScores:
    """Accuracy and VAL; thresholds are tried where the dissimilarities of the network are."""
    values = folded.values(vectors, model.pairwise)
    known = values[~values.isnan()]
    limits = UNIT_SPHERE
    if model.scale != SQUARED and len(known):
        limits = (float(known.min()), float(known.max()) + 1e-6)
    return fold_scores(values, folded.same, folded.folds, limits=limits)


@torch.no_grad()
def folded_scores(model: Verifier, vectors: Tensor, folded: FoldedPairs) -> tuple[Tensor, Tensor]:
    """As ``pair_scores``, of the pairs of a list whose images are both there."""
    values, there = folded.values(vectors, model.pairwise), folded.readable
    return values[folded.same & there], values[~folded.same & there]


@torch.no_grad()
def folded_mistakes(
    model: Verifier, vectors: Tensor, folded: FoldedPairs, most: int, threshold: float
) -> tuple[Pairs, Pairs]:
    """As ``most_mistaken``, of the pairs of a list."""
    values = folded.values(vectors, model.pairwise)  # NaN is on no side of the threshold
    kinds = (
        (-values, ~folded.same & (values <= threshold)),
        (values, folded.same & (values > threshold)),
    )
    made = []
    for sign, (shown, wrong) in zip((-1, 1), kinds, strict=True):
        rows = wrong.nonzero().flatten()
        rows = rows[shown[rows].argsort(descending=True, stable=True)[:most]]
        made.append(Pairs(sign * shown[rows], folded.first[rows], folded.second[rows]))
    return made[0], made[1]
