"""Published data sets, one file each: in ``zoo/datasets/NAME.py`` a function NAME reads it."""

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from zoo.errors import unknown

if TYPE_CHECKING:
    from zoo.engine.task import Data


def list_datasets() -> list[str]:
    """The names of all sets; nothing is imported."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def dataset(name: str) -> "Data":
    """A set, read from ``$ZOO_DATA``; fetched first where its owners allow that.

    Raises:
        UnknownName: for a set that there is not, with the near names.
        Missing: if it is not there and cannot be fetched; the message says where to get it.
        BadFile: if it is damaged.
    """
    if name not in list_datasets():
        raise unknown("data set", name, list_datasets())
    read = getattr(import_module(f"zoo.datasets.{name}"), name)
    found: Data = read()
    return found
