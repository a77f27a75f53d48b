"""Whether a checkpoint fits a run: kind, names, shapes and types of all that it holds.

``--anyway`` resumes under other settings; what cannot be loaded then is refused in one line, and
nothing has changed. Proof: tests/engine/test_checkpoint_fit.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from zoo.engine import distributed
from zoo.engine.ema import EMA

Tensors = Mapping[str, Tensor]
COUNTS = ("step", "steps_since_row", "epoch", "batch", "evaluations_since_best")
PLAIN = (*COUNTS, "best_score")
MOST = 1 << 62


class Run(Protocol):
    """The state of a run, into which a checkpoint is to be loaded."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    ema: EMA | None
    loss_sum: Tensor


def misfit(state: Run, tensors: Tensors, facts: Mapping[str, Any], steps: int) -> str:
    """What keeps a checkpoint from being loaded for a run of ``steps``; "" if nothing does."""
    return next(_problems(state, tensors, facts, steps), "")


def _problems(state: Run, tensors: Tensors, facts: Mapping[str, Any], steps: int) -> Iterator[str]:
    yield from _of_facts(facts, steps)
    network = state.model.state_dict()
    yield from _of_network("weights", network, under("model.", tensors))
    if best := under("best.", tensors):
        yield from _of_network("best weights", network, best)
    if state.ema:
        average = under("ema.", tensors)
        if not average:
            yield "it has no moving average, and ema is set"
        yield from _of_network("moving average", state.ema.model.state_dict(), average)
    yield from _of_optimizer(state.optimizer, tensors, facts["optimizer"])
    ranks = distributed.world()
    expected = {"random.cpu": torch.get_rng_state(), "loss_sum": state.loss_sum.cpu()}
    device = state.loss_sum.device
    if device.type == "cuda" and "random.cuda" in tensors:
        expected["random.cuda"] = torch.cuda.get_rng_state(device)
    for name, like in expected.items():
        yield from _of_tensor(name, (ranks, *like.shape), like.dtype, tensors.get(name))
    for name, rows in under("task_state.", tensors).items():
        if rows.dim() < 1 or len(rows) != ranks:
            yield f"{name} is of other processes"


def _of_facts(facts: Mapping[str, Any], steps: int) -> Iterator[str]:
    for name in COUNTS:
        value = facts.get(name)
        if type(value) is not int or not 0 <= value < MOST:
            yield f"{name} is {str(value)[:40]}, expected a whole number"
    if facts["step"] > steps:  # the card would say that fewer made it
        yield f"it has learned for longer than steps={steps}"
    score = facts.get("best_score", "missing")
    if score is not None and type(score) not in (int, float):
        yield f"best_score is {str(score)[:40]}, expected a number or none"
    optimizer = facts.get("optimizer")
    parts = optimizer if isinstance(optimizer, dict) else {}
    well = isinstance(parts.get("state"), dict) and isinstance(parts.get("param_groups"), list)
    if not well or not all(isinstance(one, dict) for one in parts["state"].values()):
        yield "it holds no state of an optimizer"


def _of_network(what: str, expected: Tensors, got: Tensors) -> Iterator[str]:
    for name in sorted(expected.keys() - got.keys()):
        yield f"{what}: {name} is missing"
    for name in sorted(got.keys() - expected.keys()):
        yield f"{what}: {name} is too many"
    for name, like in expected.items():
        yield from _of_tensor(f"{what}: {name}", tuple(like.shape), like.dtype, got.get(name))


def _of_tensor(
    name: str, shape: tuple[int, ...], dtype: torch.dtype, got: Tensor | None
) -> Iterator[str]:
    if got is None:
        yield f"{name} is missing"
    elif tuple(got.shape) != shape:
        yield f"{name} has the shape {tuple(got.shape)}, expected {shape}"
    elif got.dtype != dtype:
        yield f"{name} is {got.dtype}, expected {dtype}"


def _of_optimizer(
    optimizer: torch.optim.Optimizer, tensors: Tensors, facts: Mapping[str, Any]
) -> Iterator[str]:
    """Kind, groups and slots; checkpoints before December 2026 do not name the kind."""
    kind = type(optimizer).__name__
    if facts.get("kind", kind) != kind:
        yield f"its optimizer is {str(facts['kind'])[:40]}, this run's {kind}"
    now, was = optimizer.state_dict()["param_groups"], facts["param_groups"]
    if [_switches(group) for group in was] != [_switches(group) for group in now]:
        yield f"its optimizer is of another kind than this run's {kind}"
    if [_members(group) for group in was] != [_members(group) for group in now]:
        yield "its optimizer has other groups of parameters"
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    numbers = {*facts["state"], *(n.split(".")[0] for n in under("optimizer.", tensors))}
    if not numbers <= set(map(str, range(len(parameters)))):
        yield "its optimizer has other parameters"
    slots: dict[str, set[str]] = {number: set(facts["state"].get(number, ())) for number in numbers}
    for name, tensor in under("optimizer.", tensors).items():
        number, _, slot = name.partition(".")
        slots[number].add(slot)
        if tensor.dim() and tensor.shape != parameters[int(number)].shape:
            yield f"optimizer: {name} has the shape {tuple(tensor.shape)}"
    if len({frozenset(names) for names in slots.values()}) > 1:
        yield "its optimizer lacks what it kept of some parameters"


def _switches(group: object) -> set[object]:
    """Names of the settings of a group, and those that are switched on."""
    values = group if isinstance(group, dict) else {}
    named = {name for name in values if name not in ("lr", "initial_lr", "scale")}
    return {*named, *((name, v) for name, v in values.items() if isinstance(v, bool))}


def _members(group: object) -> object:
    return group.get("params") if isinstance(group, dict) else None


def under(prefix: str, tensors: Tensors) -> dict[str, Tensor]:
    """The tensors whose names begin with ``prefix``, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
