"""What figures of speed depend on, and how a page says it.

Proof: tests/bench/common/test_machine.py.
"""

from typing import Any

import torch

from zoo.recipes.common.result import device_name


def machine() -> dict[str, Any]:
    """Processor and threads, its vector instructions, and the versions."""
    import torchvision

    return {
        "machine": device_name(torch.device("cpu")),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
    }


def footnote(facts: dict[str, Any], rounds: int) -> str:
    """One line below a table."""
    where = "{machine} ({cpu}), torch {torch}, torchvision {torchvision}".format(**facts)
    return f"{where}; {'one round' if rounds == 1 else f'at most {rounds} rounds'}."
