"""The log as TensorBoard files; needs the extra ``tensorboard``.

Proof: tests/engine/test_tensorboard.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from zoo import files
from zoo.engine.log import Row


def tensorboard(folder: Path) -> Callable[[Row], Any]:
    """A reader of log rows that writes TensorBoard files; needs the extra ``tensorboard``.

    Raises:
        CannotWrite: if the folder cannot be made.
    """
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(files.make_folder(folder / "tensorboard")))

    def write(row: Row) -> None:
        for name, value in row.items():
            if name != "step":
                writer.add_scalar(name, value, row["step"])
        writer.flush()

    return write
