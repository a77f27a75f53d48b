"""Dividing examples. Notes: course 2, week 1 (train/dev/test)."""

import torch

from zoo.engine.seed import generator
from zoo.errors import BadInput

SPLITS = ("train", "dev", "test")


def divide(count: int, parts: dict[str, int], seed: int = 0) -> dict[str, torch.Tensor]:
    """Indices 0..count-1, shuffled and dealt out; the first of ``parts`` also gets what is left.

    >>> {k: len(v) for k, v in divide(10, {"train": 0, "dev": 2, "test": 3}).items()}
    {'train': 5, 'dev': 2, 'test': 3}

    Raises:
        BadInput: if the parts want more than there is, or leave the first one empty.
    """
    first, *others = parts
    left = count - sum(parts[name] for name in others)
    if left < max(parts[first], 1) or min(parts.values()) < 0:
        wanted = ", ".join(f"{name} {size}" for name, size in parts.items())
        raise BadInput(f"{count} examples cannot be divided into {wanted} with a non-empty {first}")
    order = torch.randperm(count, generator=generator(seed, "split"))
    sizes = [left, *(parts[name] for name in others)]
    return dict(zip(parts, order.split(sizes), strict=True))


def stratified(
    labels: torch.Tensor, parts: dict[str, int], seed: int = 0
) -> dict[str, torch.Tensor]:
    """Indices dealt out so that each part has its share of each class; the first gets the rest.

    Seats are given to the classes as in an election (the method of Sainte-Laguë), the first one to
    each class that can spare it: a class with more examples than there are parts besides the first
    is in every part as far as its size allows, and a smaller one is in the first part only, as
    long as there are others to take from.

    Args:
        labels: (N,) whole numbers from 0.

    >>> labels = torch.tensor([0] * 95 + [1] * 5)
    >>> found = stratified(labels, {"train": 0, "dev": 10, "test": 10})
    >>> {name: labels[index].bincount().tolist() for name, index in found.items()}
    {'train': [77, 3], 'dev': [9, 1], 'test': [9, 1]}

    Raises:
        BadInput: if the parts want more than there is, or leave the first one empty.
    """
    divide(len(labels), parts, seed)  # refuses what cannot be
    first, *others = parts
    left = labels.bincount()
    small = left <= len(others)
    order = torch.randperm(len(labels), generator=generator(seed, "stratified"))
    of_class = [order[labels[order] == label] for label in range(len(left))]
    dealt: dict[str, list[torch.Tensor]] = {name: [] for name in parts}
    for number, name in enumerate(others):
        seats = _seats(left, parts[name], small, spare=len(others) - number)
        for label, (of_one, count) in enumerate(zip(of_class, seats.tolist(), strict=True)):
            dealt[name].append(of_one[:count])
            of_class[label] = of_one[count:]
        left = left - seats
    dealt[first] = of_class
    return {name: torch.cat(dealt[name]).sort().values for name in parts}


def _seats(left: torch.Tensor, size: int, small: torch.Tensor, spare: int) -> torch.Tensor:
    """How many of each class a part of ``size`` gets; small ones keep all, others ``spare``."""
    seats = torch.zeros_like(left)
    for _ in range(size):
        weight = left / (2 * seats + 1) + (seats == 0) * left.sum()
        weight[small | (left - seats <= spare)] = 0  # have none to spare ...
        if not weight.any():
            weight = (left - seats).double()  # ... but somebody must give
        seats[weight.argmax()] += 1
    return seats
