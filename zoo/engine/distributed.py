"""Several processes, one run: what ``torchrun`` starts and what the ranks must agree on.

With one process (no ``torchrun``) every function here is the identity, and costs nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor

T = TypeVar("T")


def world() -> int:
    """Number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Number of this process, from 0; rank 0 is the one that writes."""
    return dist.get_rank() if dist.is_initialized() else 0


@contextmanager
def process_group() -> Iterator[None]:
    """Join the group that ``torchrun`` describes in the environment; nothing to do without it."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2 or dist.is_initialized():
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    backend = "nccl" if torch.cuda.is_available() else "gloo"
    dist.init_process_group(backend, timeout=timedelta(minutes=10))
    try:
        yield
    finally:
        dist.destroy_process_group()


def total(values: Tensor) -> Tensor:
    """Sum of a tensor over the ranks."""
    if world() > 1:
        values = values.clone()
        dist.all_reduce(values)
    return values


def largest(number: int, device: torch.device) -> int:
    """The largest of an integer over the ranks: how a signal that one rank saw reaches all."""
    if world() == 1:
        return number
    shared = torch.tensor(number, device=device)
    dist.all_reduce(shared, op=dist.ReduceOp.MAX)
    return int(shared)


def rows(values: Tensor) -> Tensor:
    """The same-shaped CPU tensors of all ranks as (world, ...); each rank gets all of them."""
    if world() == 1:
        return values[None]
    gathered: list[Tensor] = [values] * world()
    dist.all_gather_object(gathered, values)
    return torch.stack(gathered)


def from_first(value: T | None) -> T:
    """Rank 0's value of a picklable object, on all ranks: they may not share a disk."""
    box = [value]
    if world() > 1:
        dist.broadcast_object_list(box, src=0)
    return cast(T, box[0])


def barrier() -> None:
    """Wait for all ranks."""
    if world() > 1:
        dist.barrier()
