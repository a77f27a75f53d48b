"""Where data lives: ``$ZOO_DATA``, else the user's cache."""

import os
from pathlib import Path

from zoo.errors import BadInput


def data_folder() -> Path:
    """The folder of all data sets.

    ``$ZOO_DATA`` if set, else ``$XDG_CACHE_HOME/zoo/data``, else ``~/.cache/zoo/data``.

    Raises:
        BadInput: if ``~`` is needed and the user has no home.
    """
    chosen, cache = os.environ.get("ZOO_DATA"), os.environ.get("XDG_CACHE_HOME")
    try:
        return Path(chosen or Path(cache or "~/.cache", "zoo", "data")).expanduser()
    except RuntimeError as error:
        raise BadInput(f"no folder for data: {error} Set ZOO_DATA to one") from error
