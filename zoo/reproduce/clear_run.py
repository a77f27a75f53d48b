"""An earlier run in a folder: removed so that a new one can start, or refused.

Weights and a log in one folder are always of one run.
Proof: tests/reproduce/test_clear_run.py.
"""

import shutil
from pathlib import Path

from zoo import cards, files
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.checkpoint_contents import same_setting
from zoo.errors import BadFile
from zoo.recipes.common.recipe import Recipe
from zoo.recipes.common.record import file_name

# What is under a run's name: card and weights, examples, counts of words, model of the texts. Those
# who write the last two are of words and of sound, and not imported for every run.
WRITTEN = (
    ".json",
    ".safetensors",
    file_name(""),
    ".vocab.txt",
    ".arpa",
    ".NOTICE.txt",
    ".style.png",
)


def clear_run(folder: Path, name: str) -> None:
    """Remove of an earlier run the checkpoints and the log of each seed, and what has its name.

    Nothing else: what is under other names stays, and the figures, which a run writes over.

    Raises:
        Busy: if another process is training there.
    """
    files.make_folder(folder)
    for one in _seeds(folder):
        if (one / "checkpoints").is_dir():
            with Checkpoints(one / "checkpoints"):  # refuses if another process is training there
                shutil.rmtree(one / "checkpoints")
        (one / "log.jsonl").unlink(missing_ok=True)
    for ending in WRITTEN:
        (folder / f"{name}{ending}").unlink(missing_ok=True)


def refuse_other_weights(recipe: Recipe, folder: Path, *, anyway: bool) -> None:
    """Refuse a run where weights of its name lie that other settings made.

    Where there are checkpoints, they tell more, and refuse for themselves.

    Raises:
        BadInput: with what differs, unless ``anyway``.
    """
    path = folder / f"{recipe.name}.json"
    checkpoints = any((one / "checkpoints").is_dir() for one in _seeds(folder))
    if anyway or checkpoints or not path.is_file():
        return
    try:
        settings = cards.read(path).settings
    except BadFile:
        return  # it will be replaced by one that can be read
    saved, now = (
        {name: value for name, value in one.items() if name != "arguments"}
        for one in (settings, recipe.settings())
    )
    same_setting(saved, now, folder)


def _seeds(folder: Path) -> list[Path]:
    """The folder of a run with one seed, and those of each of several."""
    return [folder, *folder.glob("seed-*")]
