"""The order in which training sees its examples, by seed and epoch only; batches for prediction.

Proof: tests/data/test_batches.py.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from zoo.engine.seed import generator
from zoo.errors import BadInput


def shuffled(
    count: int,
    batch_size: int,
    seed: int,
    epoch: int,
    *,
    start: int = 0,
    rank: int = 0,
    world: int = 1,
) -> Iterator[tuple[int, Tensor, slice]]:
    """The batches of one epoch, from number ``start`` on: (number, indices, this rank's share).

    Every rank sees the indices of the whole global batch, so that what is drawn for an example
    (such as its augmentation) does not depend on the number of ranks. The last, short batch of an
    epoch is left out; the next epoch shuffles anew.

    >>> [(number, len(index)) for number, index, _ in shuffled(10, 4, seed=0, epoch=0)]
    [(0, 4), (1, 4)]
    """
    if batch_size % world:
        raise BadInput(f"batch_size {batch_size} cannot be shared by {world} processes evenly")
    batch_size = min(batch_size, count // world * world)
    order = torch.randperm(count, generator=generator(seed, "order", epoch))
    share = batch_size // world
    of_rank = slice(rank * share, (rank + 1) * share)
    if batch_size:
        for number in range(start, count // batch_size):
            yield number, order[number * batch_size : (number + 1) * batch_size], of_rank


def bucketed(
    lengths: Tensor,
    batch_size: int,
    seed: int,
    epoch: int,
    *,
    start: int = 0,
    world: int = 1,
    pool: int = 20,
) -> Iterator[tuple[int, Tensor]]:
    """Batches of examples of similar length, from number ``start`` on: (number, indices).

    The set is shuffled and cut into pools of batches; each pool is sorted by length and cut into
    batches, and these are shuffled again. So little is padded, and yet no two epochs are alike. All
    depends on the seed and the epoch only. The examples left over by the last, short batch are
    left out of this epoch.

    Args:
        lengths: (N,) of the examples, on any device: words, or samples.
        world: number of ranks, which must share a batch evenly.
        pool: batches in a pool.

    Raises:
        BadInput: if they cannot.
    """
    if batch_size % world:
        raise BadInput(f"batch_size {batch_size} cannot be shared by {world} processes evenly")
    lengths = lengths.cpu()
    batch_size = min(batch_size, len(lengths) // world * world)
    if not batch_size:
        return
    draw = generator(seed, "order", epoch)
    order = torch.randperm(len(lengths), generator=draw)
    order = order[: len(order) // batch_size * batch_size]
    pools = [pool[lengths[pool].argsort(stable=True)] for pool in order.split(pool * batch_size)]
    batches = torch.cat(pools).view(-1, batch_size)
    batches = batches[torch.randperm(len(batches), generator=draw)]
    for number in range(start, len(batches)):
        yield number, batches[number]


def by_length(lengths: Tensor, most: int) -> Iterator[Tensor]:
    """Indices of examples in batches for prediction, the shortest first, so that little is padded.

    >>> [index.tolist() for index in by_length(torch.tensor([5, 2, 9, 3]), most=8)]
    [[1, 3], [0], [2]]

    Args:
        lengths: (N,).
        most: positions of a padded batch; an example that is longer comes alone.
    """
    order = lengths.argsort(stable=True)
    while len(order):
        size = 1
        while size < len(order) and (size + 1) * int(lengths[order[size]]) <= most:
            size += 1
        yield order[:size]
        order = order[size:]
