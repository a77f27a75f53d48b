"""The result of a run, and the commit and the device that its card records."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import torch

from zoo.engine.log import Row
from zoo.engine.task import Evaluable


@dataclass(frozen=True)
class Result:
    """A finished run."""

    task: Evaluable  # with the trained model
    rows: list[Row]  # of the log
    dev: dict[str, float]
    test: dict[str, float]
    seconds: float
    commit: str | None  # of the code, when the run began
    notes: list[str] = field(default_factory=list)  # remarks on how the run ended


@torch.no_grad()
def round_to_half(model: torch.nn.Module) -> None:
    """Round weights and buffers to half precision, so that the shipped weights are measured."""
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor.half())


def commit() -> str | None:
    """The checkout's commit, with "-dirty" if files differ from it; None outside a checkout."""
    here = Path(__file__).parent
    try:
        process = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*"],
            cwd=here, capture_output=True, text=True, timeout=20, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return process.stdout.strip() or None


def device_name(device: torch.device) -> str:
    """The machine as a card records it: "Intel Xeon @ 2.5 GHz, 2 threads" or "NVIDIA H200"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = "CPU"
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n")
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name = models[0] if models else name
    return f"{name}, {torch.get_num_threads()} threads"
