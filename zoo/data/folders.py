"""Where data lives: ``$ZOO_DATA``, else the user's cache."""

import os
from pathlib import Path


def data_folder() -> Path:
    """The folder of all data sets.

    ``$ZOO_DATA`` if set, else ``$XDG_CACHE_HOME/zoo/data``, else ``~/.cache/zoo/data``.
    """
    if chosen := os.environ.get("ZOO_DATA"):
        return Path(chosen).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path("~/.cache").expanduser()) / "zoo" / "data"
