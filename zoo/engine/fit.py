"""The training loop: the only place in the zoo that steps an optimizer.

Plain torch; under ``torchrun`` the same lines train with DistributedDataParallel.
Proof: tests/engine/test_fit.py, test_resume.py, test_distributed.py; cost: ``zoo bench fit``.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from zoo.engine import distributed
from zoo.engine.between_steps import Bookkeeping, not_finite
from zoo.engine.checkpoint import Checkpoints, Facts
from zoo.engine.checkpoint_contents import State, renewed, same_setting, setting
from zoo.engine.ema import EMA
from zoo.engine.interrupt import Request, requests
from zoo.engine.log import Log
from zoo.engine.loop_options import LoopOptions
from zoo.engine.memory_format import set_memory_format
from zoo.engine.task import Batch, Task
from zoo.engine.unfreezing import Unfreezing
from zoo.errors import BadInput


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    steps: int
    scores: dict[str, float]  # of the last evaluation
    seconds: float  # of training, in all the processes that it took


def fit(
    task: Task,
    optimizer: torch.optim.Optimizer,
    lr: Callable[[int], float],
    steps: int,
    *,
    options: LoopOptions | None = None,
    unfreezing: Unfreezing | None = None,
    checkpoints: Checkpoints | None = None,
    log: Log | None = None,
    identity: Facts | None = None,
    anyway: bool = False,
) -> Outcome:
    """Train ``task.model`` in place for ``steps`` updates.

    Args:
        lr: learning rate of update ``step`` (counted from 0); a parameter group that has a
            ``scale`` learns at that times the rate, whatever the schedule.
        options: clipping, moving average, evaluation, early stopping and the like.
        unfreezing: which blocks of the model learn at which step; by default all do.
        checkpoints: where to save; if there is one already, the run is resumed from it.
        identity: what identifies the run (recipe, data); another one is not resumed.
        anyway: resume although the conditions differ.

    Raises:
        UnknownName, BadInput: if ``options`` watch a score that the task does not give.
        NotFinite: if the loss is not finite, naming the step. On a CPU no update is made from it;
            elsewhere it is noticed at the next row of the log, before anything is saved.
        Interrupted: after Ctrl-C or SIGTERM, when the checkpoint has been written. Without
            ``checkpoints`` these signals do what they always do.
    """
    options, log, began = options or LoopOptions(), log or Log(), time.monotonic()
    _check_watch(task, options)
    network, device = task.model, next(task.model.parameters()).device
    autocast = _autocast(options.precision, device)
    saved = _latest(checkpoints) if checkpoints else None
    saved_setting = saved[1]["setting"] if saved else None
    memory_format = set_memory_format(task, options.channels_last, saved_setting, autocast)
    ema = EMA(network, options.ema) if options.ema else None
    state = State(network, optimizer, ema, torch.zeros((), device=device), task.state)
    current = {**setting(device), **memory_format, **(identity or {})}
    if checkpoints and saved:
        same_setting(saved[1]["setting"], current, checkpoints.folder, insist=anyway)
        state.restore(*saved, steps)
    with ExitStack() as stack:
        request = stack.enter_context(requests()) if checkpoints else Request()
        model = stack.enter_context(_wrapped(task, options, partly=unfreezing is not None))
        bookkeeping = Bookkeeping(
            task, state, options, steps, log, checkpoints, current, request, began
        )
        batches = _batches(task, state)
        log.begin(state.step, steps)
        stack.callback(log.end)
        network.train()
        if unfreezing:
            stack.callback(unfreezing.release)
        while not bookkeeping.over():
            rate = lr(state.step)
            _prepare(optimizer, rate, unfreezing, state.step)
            for micro in range(options.accumulate):
                batch = next(batches)
                with _sync(model, last=micro == options.accumulate - 1):
                    with autocast():
                        loss = task.loss(batch) / options.accumulate
                    _check_finite(loss.detach(), state)
                    loss.backward()
                state.loss_sum += loss.detach()
            _clip(network, options, state)
            optimizer.step()
            optimizer.zero_grad()
            state.step += 1
            if ema:
                ema.update(state.step)
            bookkeeping.after_step(rate)
        scores = bookkeeping.finish()
    return Outcome(state.step, scores, bookkeeping.seconds())


def _check_watch(task: Task, options: LoopOptions) -> None:
    """Refuse a score that cannot be watched, before the first step."""
    if options.watches:
        options.check_watch(task.scores or dict.fromkeys(task.evaluate(), ""))


def _latest(checkpoints: Checkpoints) -> tuple[dict[str, Tensor], Facts] | None:
    """The newest checkpoint, as rank 0 reads it, in today's names."""
    saved = checkpoints.latest() if distributed.rank() == 0 else None
    return distributed.from_first(renewed(*saved) if saved else None)


def _prepare(
    optimizer: torch.optim.Optimizer, rate: float, unfreezing: Unfreezing | None, step: int
) -> None:
    """Set the learning rate of each group, and freeze or unfreeze blocks, for update ``step``."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("scale", 1.0)
    if unfreezing:
        unfreezing.at(step)


def _batches(task: Task, state: State) -> Iterator[Batch]:
    """The batches of all epochs from the position in ``state`` on, which advances."""
    while True:
        empty = state.batch == 0
        for batch in task.batches(state.epoch, state.batch):
            empty = False
            state.batch += 1
            yield batch
        if empty:
            raise BadInput("the task has no batches: more examples or a smaller batch_size")
        state.epoch, state.batch = state.epoch + 1, 0


def _check_finite(value: Tensor, state: State) -> None:
    """Note a loss or norm that is not finite; only on a CPU can it be read without waiting."""
    if value.device.type == "cpu":
        if not torch.isfinite(value):
            raise not_finite(state.step)
    else:
        first = (state.first_not_finite < 0) & ~torch.isfinite(value)
        state.first_not_finite.copy_(torch.where(first, state.step, state.first_not_finite))


def _clip(model: nn.Module, options: LoopOptions, state: State) -> None:
    """Clip the gradient: each element, then the norm, which keeps both bounds."""
    if options.clip_value is not None:
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        largest = nn.utils.get_total_norm(gradients, float("inf"))
        _check_finite(largest, state)  # before clipping hides an infinity
        nn.utils.clip_grad_value_(model.parameters(), options.clip_value)
    if options.clip is not None:
        _check_finite(nn.utils.clip_grad_norm_(model.parameters(), options.clip), state)


@contextmanager
def _wrapped(task: Task, options: LoopOptions, *, partly: bool) -> Iterator[nn.Module]:
    """``task.model`` compiled or data parallel during training; the plain network at the end.

    If only parts of it learn (``partly``), data parallel must find out which, at every step.
    """
    network = task.model
    model = cast(nn.Module, torch.compile(network)) if options.compile else network
    if distributed.world() > 1:
        device = next(network.parameters()).device
        ids = [device.index] if device.type == "cuda" else None
        model = DistributedDataParallel(model, ids, find_unused_parameters=partly)
    task.model = model
    try:
        yield model
    finally:
        task.model = network


def _sync(model: nn.Module, *, last: bool) -> AbstractContextManager[None]:
    """Ranks exchange gradients at the last micro-batch of an accumulation only."""
    if not last and isinstance(model, DistributedDataParallel):
        return model.no_sync()
    return nullcontext()


def _autocast(precision: str, device: torch.device) -> Callable[[], AbstractContextManager]:
    """The context of the forward pass.

    Raises:
        BadInput: for bfloat16 on a CPU that has no instructions for it (3 to 18 times slower).
    """
    if precision == "float32":
        return nullcontext
    if device.type == "cpu" and not torch.cpu._is_avx512_bf16_supported():
        raise BadInput("precision=bfloat16 needs AVX512_BF16 or AMX on a CPU; use float32 here")
    return lambda: torch.autocast(device.type, torch.bfloat16)
