"""The state of a run as tensors and plain facts for a checkpoint, and back.

A resumed run is bit-identical on the CPU because all of this is restored: weights, moving average,
best weights, optimizer, random states of every rank, position in the data, best score, loss sum,
and what the task keeps from batch to batch.
"""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from zoo.engine import distributed
from zoo.engine.checkpoint import Facts
from zoo.engine.checkpoint_fit import PLAIN, misfit, under
from zoo.engine.ema import EMA
from zoo.errors import BadFile, BadInput

OLD_FACTS = {  # a fact's name in checkpoints of November 2026 -> today's
    "since": "steps_since_row",
    "score": "best_score",
    "strikes": "evaluations_since_best",
}
OLD_FORMATS = {"default": "contiguous"}  # likewise a memory_format


@dataclass
class State:
    """The moving parts of one run."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    ema: EMA | None
    loss_sum: Tensor  # of the steps since the last row of the log
    task_state: dict[str, Tensor] = field(default_factory=dict)  # see ``Task.state``
    step: int = 0  # updates done
    steps_since_row: int = 0  # updates in loss_sum
    epoch: int = 0  # where the next batch stands
    batch: int = 0
    best_score: float | None = None
    evaluations_since_best: int = 0
    seconds: float = 0.0  # of training in earlier processes
    best_weights: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.first_not_finite = torch.full((), -1, device=self.device)  # step; -1: none

    @property
    def device(self) -> torch.device:
        return self.loss_sum.device

    def tensors(self) -> dict[str, Tensor]:
        """Everything that is a tensor, under flat names. Called on all ranks."""
        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"best.{k}": v for k, v in self.best_weights.items()}
        if self.ema:
            tensors |= {f"ema.{k}": v for k, v in self.ema.model.state_dict().items()}
        for number, slots in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{k}": v for k, v in slots.items() if _is_tensor(v)}
        tensors["random.cpu"] = distributed.rows(torch.get_rng_state())
        if self.device.type == "cuda":
            tensors["random.cuda"] = distributed.rows(torch.cuda.get_rng_state(self.device))
        task_state = self.task_state.items()
        tensors |= {f"task_state.{k}": distributed.rows(v.cpu()) for k, v in task_state}
        tensors["loss_sum"] = distributed.rows(self.loss_sum.cpu())
        return tensors

    def facts(self) -> Facts:
        """Everything else, as JSON can hold it."""
        optimizer = self.optimizer.state_dict()
        plain = {
            str(number): {k: v for k, v in slots.items() if not _is_tensor(v)}
            for number, slots in optimizer["state"].items()
        }
        return {
            **{name: getattr(self, name) for name in PLAIN},
            "optimizer": {
                "kind": type(self.optimizer).__name__,
                "state": plain,
                "param_groups": optimizer["param_groups"],
            },
        }

    def restore(self, tensors: dict[str, Tensor], facts: Facts, steps: int) -> None:
        """Restore the state from ``tensors`` and ``facts``, for a run of so many steps.

        Raises:
            BadInput: if they do not fit this run; nothing has changed then.
        """
        if problem := misfit(self, tensors, facts, steps):
            raise BadInput(
                f"the checkpoint of step {facts.get('step')} does not fit this run: {problem}; use "
                "the same settings, another folder, or --fresh to start again"
            )
        self.model.load_state_dict(under("model.", tensors))
        self.best_weights = under("best.", tensors)
        if self.ema:
            self.ema.model.load_state_dict(under("ema.", tensors))
        slots: dict[int, dict[str, Any]] = {
            int(number): dict(plain) for number, plain in facts["optimizer"]["state"].items()
        }
        for name, tensor in under("optimizer.", tensors).items():
            number, _, slot = name.partition(".")
            slots[int(number)][slot] = tensor
        groups = self.optimizer.state_dict()["param_groups"]  # the same: see misfit
        self.optimizer.load_state_dict({"state": slots, "param_groups": groups})
        # a row of the matrix is a view with an offset, which set_rng_state cannot read: clone
        torch.set_rng_state(tensors["random.cpu"][distributed.rank()].clone())
        if "random.cuda" in tensors and self.device.type == "cuda":
            row = tensors["random.cuda"][distributed.rank()].clone()
            torch.cuda.set_rng_state(row, self.device)
        self.task_state.clear()
        for name, rows in under("task_state.", tensors).items():
            self.task_state[name] = rows[distributed.rank()].to(self.device)
        self.loss_sum.copy_(tensors["loss_sum"][distributed.rank()])
        self.seconds = float(facts.get("seconds", 0.0))
        for name in PLAIN:
            setattr(self, name, facts[name])


def renewed(tensors: dict[str, Tensor], facts: Facts) -> tuple[dict[str, Tensor], Facts]:
    """A checkpoint with today's names; one that has them already is equal to it."""
    old, new = "carried.", "task_state."
    tensors = {k.replace(old, new) if k.startswith(old) else k: v for k, v in tensors.items()}
    facts = {OLD_FACTS.get(k, k): v for k, v in facts.items()}
    was = facts.get("setting")
    if not isinstance(was, dict):
        raise BadFile("the checkpoint is of another program: it does not say how it was made")
    now = {k: v for k, v in was.items() if k != "layout"}
    if "layout" in was:
        layout = was["layout"]
        now["memory_format"] = OLD_FORMATS.get(layout, layout)
    return tensors, {**facts, "setting": now}


def setting(device: torch.device) -> dict[str, Any]:
    """What else decides the bits of a result: the version, the machine, the number of threads."""
    return {
        "torch": torch.__version__,
        "device": device.type,
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "processes": distributed.world(),
    }


def same_setting(saved: Facts, now: Facts, folder: object, *, insist: bool = False) -> None:
    """Refuse to resume a run under other conditions, unless ``insist``.

    Raises:
        BadInput: with what differs.
    """
    names = sorted(saved.keys() | now.keys())
    differ = [
        f"{name} was {_short(saved.get(name))}, is {_short(now.get(name))}"
        for name in names
        if saved.get(name) != now.get(name)
    ]
    if differ and not insist:
        raise BadInput(
            f"{folder} holds another run: {'; '.join(differ)}; "
            "use the same settings, another folder, --fresh to start again, or --anyway to go on "
            "(no longer bit-identical)"
        )


def _short(value: object) -> str:
    """Hashes by their first digits."""
    return f"{value[:12]}..." if isinstance(value, str) and len(value) == 64 else str(value)


def _is_tensor(value: object) -> bool:
    return isinstance(value, Tensor)
