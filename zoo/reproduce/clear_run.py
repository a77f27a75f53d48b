"""Remove an earlier run from its folder, so that a new one can start."""

import shutil
from pathlib import Path

from zoo import files
from zoo.engine.checkpoint import Checkpoints


def clear_run(folder: Path) -> None:
    """Remove the checkpoints and the log of each seed of an earlier run, and nothing else.

    Raises:
        Busy: if another process is training there.
    """
    files.make_folder(folder)
    for one in [folder, *folder.glob("seed-*")]:
        if (one / "checkpoints").is_dir():
            with Checkpoints(one / "checkpoints"):  # refuses if another process is training there
                shutil.rmtree(one / "checkpoints")
        (one / "log.jsonl").unlink(missing_ok=True)
