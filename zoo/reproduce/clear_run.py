"""Start a run again: what an earlier one left in its folder is removed."""

import shutil
from pathlib import Path

from zoo import files
from zoo.engine.checkpoint import Checkpoints


def clear(folder: Path) -> None:
    """Remove an earlier run: checkpoints and log of each seed, and nothing else.

    Raises:
        Busy: if another process is training there.
    """
    files.make_folder(folder)
    for one in [folder, *folder.glob("seed-*")]:
        if (one / "checkpoints").is_dir():
            with Checkpoints(one / "checkpoints"):  # refuses if somebody is training there
                shutil.rmtree(one / "checkpoints")
        (one / "log.jsonl").unlink(missing_ok=True)
