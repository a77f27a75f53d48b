"""P x K batches: P identities with K images each, so that a batch holds pairs and triplets.

Paper: Schroff et al. 2015, arXiv:1503.03832, sec. 3.2 (about 40 faces of each identity in a batch);
the name is Hermans et al. 2017's, arXiv:1703.07737.
Proof: tests/data/image/identities/test_batches.py.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from zoo.engine.seed import generator
from zoo.errors import BadInput


def people_and_images(
    labels: Tensor,
    people: int,
    images: int,
    seed: int,
    epoch: int,
    *,
    start: int = 0,
    rank: int = 0,
    world: int = 1,
    groups: Sequence[int] = (),
    grouped: float = 0.0,
) -> Iterator[tuple[int, Tensor, slice]]:
    """The batches of an epoch, from number ``start`` on: (number, rows (P K,), this rank's share).

    An epoch has each identity once, in random order; the last, short batch is left out. An
    identity with fewer than K images shows some twice; one with a single image is left out, since
    it makes no pair. All depends on the seed and the epoch only.

    Args:
        labels: (N,) the identity of each image, on any device.
        people: P; that of all ranks together. With fewer identities it is as many as there are.
        images: K.
        groups: of each identity, such as its alphabet.
        grouped: part of the epochs in which batches hold identities of the same group as far as
            possible: what has to be told apart is more alike there.

    Raises:
        BadInput: if a batch cannot be shared evenly by the ranks, or holds no pair to compare.
    """
    if people % world:
        raise BadInput(f"people={people} in a batch cannot be shared by {world} processes evenly")
    if images < 2:
        raise BadInput(f"images of each identity in a batch must be at least 2, got {images}")
    labels = labels.cpu()
    counts = labels.bincount()
    usable = (counts >= 2).nonzero().flatten()
    people = min(people, len(usable) // world * world)
    if people < 2:
        raise BadInput(f"{len(usable)} identities with two images or more; training needs 2")
    rows = labels.argsort(stable=True)
    first = counts.cumsum(0) - counts
    draw = generator(seed, "order", epoch)
    order = usable[torch.randperm(len(usable), generator=draw)]
    if groups and float(torch.rand((), generator=draw)) < grouped:
        of = torch.tensor(groups)
        turn = torch.randperm(int(of.max()) + 1, generator=draw)
        order = order[turn[of[order]].argsort(stable=True)]
        skip = int(torch.randint(0, people, (), generator=draw))  # else the same always meet
        order = order.roll(skip)
    share = people // world * images
    of_rank = slice(rank * share, (rank + 1) * share)
    for number in range(start, len(order) // people):
        draw = generator(seed, "images", epoch, number)
        chosen = order[number * people : (number + 1) * people]
        picked = [_some(int(counts[one]), images, draw) + first[one] for one in chosen]
        yield number, rows[torch.cat(picked)], of_rank


def _some(count: int, wanted: int, draw: torch.Generator) -> Tensor:
    """``wanted`` of ``count`` in random order; again from the start where there are too few."""
    order = torch.randperm(count, generator=draw)
    return order.repeat(-(-wanted // count))[:wanted]


def groups_of(classes: Sequence[str]) -> list[int]:
    """The group of each identity: what stands before the last slash of its name; else one for all.

    >>> groups_of(["Bengali/1", "Greek/1", "Bengali/2"])
    [0, 1, 0]
    """
    names = [name.rpartition("/")[0] for name in classes]
    return [sorted(set(names)).index(name) for name in names]
