"""The memory_format of a run: given, or the one that is measured to be faster here.

Channels-last makes most convolutional networks faster and some slower (VGG-16 by a fifth on one
CPU, on others not), so ``channels_last=auto`` tries both on a real batch before the first step.
The result is written into the checkpoint: a resumed run does not measure again.
Proof: tests/engine/test_memory_format.py.
"""

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager

import torch
from torch import nn

from zoo.engine import distributed
from zoo.engine.checkpoint import Facts
from zoo.engine.task import Batch, Task
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadInput

GAIN = 0.97  # channels-last must take less than this share of the other's time
ROUNDS, SECONDS = 3, 20.0  # how long to measure at most, after the first round

Autocast = Callable[[], AbstractContextManager]


def set_memory_format(
    task: Task, channels_last: bool | str, saved: Facts | None, autocast: Autocast
) -> Facts:
    """Set the memory_format of ``task.model`` for training; what a checkpoint records of it.

    Args:
        channels_last: True, False or "auto".
        saved: the setting of the checkpoint that the run is resumed from, if there is one.
        autocast: the context of the forward pass.

    Returns:
        ``{"memory_format": "channels_last" or "contiguous"}`` if it was measured, else nothing.

    Raises:
        BadInput: for another value.
    """
    if channels_last not in (True, False, "auto"):
        raise BadInput(f"channels_last must be true, false or auto, got {channels_last!r}")
    facts: Facts = {}
    if channels_last == "auto":
        known = (saved or {}).get("memory_format")
        faster = known == "channels_last" if known else channels_last_is_faster(task, autocast)
        channels_last = faster
        facts = {"memory_format": "channels_last" if faster else "contiguous"}
    if channels_last:
        task.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return facts


def channels_last_is_faster(task: Task, autocast: Autocast) -> bool:
    """Whether a forward and backward pass takes less time in channels-last.

    Copies of the model are timed on the first batch: weights, statistics, gradients and random
    states are as before. Rank 0 decides for all.
    """
    network = task.model
    if not any(isinstance(part, nn.Conv2d) for part in network.modules()):
        return False
    batch = next(iter(task.batches(0)), None)
    if batch is None:
        return False  # fit refuses a task without batches
    device = next(network.parameters()).device
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(gpus):
        try:
            sides = {
                "contiguous": _passes(task, _copied(network), batch, autocast),
                "channels_last": _passes(
                    task,
                    _copied(network).to(memory_format=torch.channels_last),  # type: ignore
                    batch,
                    autocast,
                ),
            }
            times = interleaved(sides, ROUNDS, most=SECONDS)
        finally:
            task.model = network
    faster = times["channels_last"].ratio(times["contiguous"]) < GAIN
    return distributed.from_first(faster)


def _copied(model: nn.Module) -> nn.Module:
    return copy.deepcopy(model).train()


def _passes(task: Task, model: nn.Module, batch: Batch, autocast: Autocast) -> Callable[[], Work]:
    """What is timed: the task's loss of one batch by ``model``, and its gradients."""

    def work() -> None:
        with autocast():
            loss = task.loss(batch)
        loss.backward()

    def prepare() -> Work:
        task.model = model
        model.zero_grad()
        return work

    return prepare
