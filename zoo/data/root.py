"""Where data lives: ``$ZOO_DATA``, else the user's cache."""

import os
from pathlib import Path

from zoo import files


def data_folder() -> Path:
    """The folder of all data sets.

    ``$ZOO_DATA`` if set, else ``$XDG_CACHE_HOME/zoo/data``, else ``~/.cache/zoo/data``.

    Raises:
        BadInput: if ``~`` is needed and the user has no home.
    """
    chosen = os.environ.get("ZOO_DATA")
    return files.expand_home(chosen) if chosen else files.cache_folder("data")
