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
from zoo.engine.checkpoint import Checkpoints, Facts
from zoo.engine.ema import EMA
from zoo.engine.finetune import Thaw
from zoo.engine.interrupt import Request, requests
from zoo.engine.log import Log
from zoo.engine.loop import Extras, Rounds, not_finite
from zoo.engine.memory_format import lay_out
from zoo.engine.state import State, same_setting, setting
from zoo.engine.task import Batch, Task
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
    extras: Extras | None = None,
    thaw: Thaw | None = None,
    checkpoints: Checkpoints | None = None,
    log: Log | None = None,
    identity: Facts | None = None,
    anyway: bool = False,
) -> Outcome:
    """Train ``task.model`` in place for ``steps`` updates.

    Args:
        lr: learning rate of update ``step`` (counted from 0); a parameter group that has a
            ``scale`` learns at that times the rate, whatever the schedule.
        thaw: which blocks of the model learn at which step; by default all do.
        checkpoints: where to save; if something is there already, the run goes on from it.
        identity: what makes this run this run (recipe, data); resuming another one is refused.
        anyway: resume under other conditions all the same.

    Raises:
        NotFinite: if the loss is not finite, naming the step. On a CPU no update is made from it;
            elsewhere it is noticed at the next row of the log, before anything is saved.
        Interrupted: after Ctrl-C or SIGTERM, when the checkpoint has been written. Without
            ``checkpoints`` these signals do what they always do.
    """
    extras, log, began = extras or Extras(), log or Log(), time.monotonic()
    plain, device = task.model, next(task.model.parameters()).device
    autocast = _autocast(extras.precision, device)
    found = _found(checkpoints) if checkpoints else None
    layout = lay_out(task, extras.channels_last, found and found[1]["setting"], autocast)
    ema = EMA(plain, extras.ema) if extras.ema else None
    state = State(plain, optimizer, ema, torch.zeros((), device=device))
    state.carried = task.state
    here = {**setting(device), **layout, **(identity or {})}
    if checkpoints and found:
        same_setting(found[1]["setting"], here, checkpoints.folder, insist=anyway)
        state.restore(*found)
    with ExitStack() as stack:
        request = stack.enter_context(requests()) if checkpoints else Request()
        model = stack.enter_context(_dressed(task, extras, parts=thaw is not None))
        rounds = Rounds(task, state, extras, steps, log, checkpoints, here, request, began)
        stream = _stream(task, state)
        log.begin(state.step, steps)
        stack.callback(log.end)
        plain.train()
        if thaw:
            stack.callback(thaw.release)
        while not rounds.over():
            rate = lr(state.step)
            _prepare(optimizer, rate, thaw, state.step)
            for part in range(extras.accumulate):
                batch = next(stream)
                with _quiet(model, part < extras.accumulate - 1):
                    with autocast():
                        loss = task.loss(batch) / extras.accumulate
                    _watch(loss.detach(), state)
                    loss.backward()
                state.loss_sum += loss.detach()
            _clip(plain, extras, state)
            optimizer.step()
            optimizer.zero_grad()
            state.step += 1
            if ema:
                ema.update(state.step)
            rounds.after_step(rate)
        scores = rounds.finish()
    return Outcome(state.step, scores, rounds.seconds())


def _found(checkpoints: Checkpoints) -> tuple[dict[str, Tensor], Facts] | None:
    """The newest checkpoint, as rank 0 reads it."""
    return distributed.from_first(checkpoints.latest() if distributed.rank() == 0 else None)


def _prepare(optimizer: torch.optim.Optimizer, rate: float, thaw: Thaw | None, step: int) -> None:
    """Set the rate of each group, and let learn what is to learn, in update ``step``."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("scale", 1.0)
    if thaw:
        thaw.at(step)


def _stream(task: Task, state: State) -> Iterator[Batch]:
    """Batches of epoch after epoch, from where ``state`` stands; moves ``state`` along."""
    while True:
        empty = state.batch == 0
        for batch in task.batches(state.epoch, state.batch):
            empty = False
            state.batch += 1
            yield batch
        if empty:
            raise BadInput("the task has no batches: more examples or a smaller batch_size")
        state.epoch, state.batch = state.epoch + 1, 0


def _watch(value: Tensor, state: State) -> None:
    """Notice a loss or norm that is not finite; only on a CPU can it be read without waiting."""
    if value.device.type == "cpu":
        if not torch.isfinite(value):
            raise not_finite(state.step)
    else:
        fresh = (state.bad < 0) & ~torch.isfinite(value)
        state.bad.copy_(torch.where(fresh, state.step, state.bad))


def _clip(model: nn.Module, extras: Extras, state: State) -> None:
    """Bound the gradient: each number of it, then its norm, which keeps both bounds."""
    if extras.clip_value is not None:
        slopes = [p.grad for p in model.parameters() if p.grad is not None]
        _watch(nn.utils.get_total_norm(slopes, float("inf")), state)  # before infinity is hidden
        nn.utils.clip_grad_value_(model.parameters(), extras.clip_value)
    if extras.clip is not None:
        _watch(nn.utils.clip_grad_norm_(model.parameters(), extras.clip), state)


@contextmanager
def _dressed(task: Task, extras: Extras, *, parts: bool) -> Iterator[nn.Module]:
    """``task.model`` as training calls it: compiled, data parallel; plain again at the end.

    Where only ``parts`` of it learn, data parallel must look which ones do, at every step.
    """
    plain = task.model
    model = cast(nn.Module, torch.compile(plain)) if extras.compile else plain
    if distributed.world() > 1:
        device = next(plain.parameters()).device
        ids = [device.index] if device.type == "cuda" else None
        model = DistributedDataParallel(model, ids, find_unused_parameters=parts)
    task.model = model
    try:
        yield model
    finally:
        task.model = plain


def _quiet(model: nn.Module, more: bool) -> AbstractContextManager[None]:
    """While gradients accumulate the ranks need not talk; they do at the last part."""
    if more and isinstance(model, DistributedDataParallel):
        return model.no_sync()
    return nullcontext()


def _autocast(precision: str, device: torch.device) -> Callable[[], AbstractContextManager]:
    """The context of the forward pass.

    Raises:
        BadInput: for bfloat16 on a CPU that has no instructions for it (3 to 18 times slower).
    """
    if precision == "float32":
        return nullcontext
    if precision != "bfloat16":
        raise BadInput(f"precision must be float32 or bfloat16, got {precision!r}")
    if device.type == "cpu" and not torch.cpu._is_avx512_bf16_supported():
        raise BadInput("precision=bfloat16 needs AVX512_BF16 or AMX on a CPU; use float32 here")
    return lambda: torch.autocast(device.type, torch.bfloat16)
