"""The machine and the versions that timings depend on.

Proof: tests/bench/common/test_machine.py.
"""

from importlib.metadata import version
from typing import Any

import torch

from zoo.recipes.common.result import device_name


def machine() -> dict[str, Any]:
    """Processor, threads, vector instructions and versions."""
    return {
        "machine": device_name(torch.device("cpu")),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
        "torchvision": version("torchvision"),
    }


def footnote(facts: dict[str, Any], rounds: int) -> str:
    """The line below a table that describes the machine."""
    text = "{machine} ({cpu}), torch {torch}, torchvision {torchvision}".format(**facts)
    return f"{text}; {'one round' if rounds == 1 else f'at most {rounds} rounds'}."
