"""Names to builders: the one table behind ``zoo.create_model`` and ``zoo list``.

``index.json`` beside this file is the light half of the table: what is known without importing
torch. That is names, papers and tasks; of a task, the options of its predictor and the form of
the user's data. ``python scripts/write_index.py`` renews it; a test holds it to the source.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import BadInput, unknown

if TYPE_CHECKING:
    from torch import nn

    Builder = TypeVar("Builder", bound=Callable[..., nn.Module])

INDEX = Path(__file__).with_name("index.json")


@dataclass(frozen=True)
class Entry:
    """One registered model: how to build it and where it comes from."""

    build: "Callable[..., nn.Module]"
    paper: str  # "He et al. 2015, arXiv:1512.03385, sec. 4.2"
    task: str  # the file in zoo/tasks that trains it
    input_shape: tuple[int, ...]  # one example, without the batch axis
    stem: str  # the parameter that meets the input channels: "c1.weight"
    head: str  # modules with one output per class: "output"; "fc aux1.fc aux2.fc"; "" if no weights

    @property
    def summary(self) -> str:
        """First line of the builder's docstring."""
        return (self.build.__doc__ or "").strip().split("\n")[0]


_ENTRIES: dict[str, Entry] = {}


@cache
def index() -> dict[str, Any]:
    """The light table: ``models`` and ``recipes`` by name; ``options`` and ``own_data`` by task."""
    found: dict[str, Any] = json.loads(INDEX.read_text(encoding="utf-8"))
    return found


def register(
    name: str,
    *,
    paper: str,
    task: str = "classification",
    input_shape: tuple[int, ...],
    stem: str,
    head: str,
) -> "Callable[[Builder], Builder]":
    """Add the decorated builder to the zoo under ``name``.

    Raises:
        ValueError: if ``name`` is already taken.
    """

    def add(build: "Builder") -> "Builder":
        if name in _ENTRIES:
            raise ValueError(f"model {name!r} is registered twice")
        _ENTRIES[name] = Entry(build, paper, task, input_shape, stem, head)
        return build

    return add


def entry(name: str) -> Entry:
    """The entry of an architecture; imports the one file that holds it.

    Raises:
        UnknownName: with the near names.
    """
    if name not in _ENTRIES and name in index()["models"]:
        import_module(index()["models"][name]["module"])
    if name not in _ENTRIES:
        raise unknown("model", name, list_models())
    return _ENTRIES[name]


def build(name: str, **arguments: Any) -> "nn.Module":
    """A model with fresh weights; ``arguments`` go to its builder.

    Raises:
        UnknownName: for an architecture or an argument that does not exist.
        BadInput: for a value that the builder refuses.
    """
    from inspect import signature

    builder = entry(name).build
    takes = signature(builder).parameters
    for argument in arguments:
        if argument not in takes:
            raise unknown(f"argument of {name}", argument, takes)
    for count in ("num_classes", "in_chans"):
        if isinstance(arguments.get(count), int) and arguments[count] < 1:
            raise BadInput(f"{count} must be at least 1, got {arguments[count]}")
    try:
        return builder(**arguments)
    except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:  # torch: no memory
        given = ", ".join(f"{k}={v!r}" for k, v in arguments.items())
        raise BadInput(f"{name}({given}): {error}") from error


def task_of(arch: str) -> str:
    """The task of an architecture, "" for an unknown name; torch is not imported."""
    if arch in _ENTRIES:
        return _ENTRIES[arch].task
    return str(index()["models"].get(arch, {}).get("task", ""))


def list_models(
    pattern: str = "*", *, task: str | None = None, pretrained: bool = False
) -> list[str]:
    """Names of architectures, sorted.

    Args:
        pattern: as in a shell: ``"lenet*"``.
        task: only those for this task, such as ``"classification"``.
        pretrained: only those with weights.
    """
    tasks = {name: about["task"] for name, about in index()["models"].items()}
    tasks |= {name: entry.task for name, entry in _ENTRIES.items()}
    if pretrained:
        from zoo.cards import list_weights

        trained = {name.partition(".")[0] for name in list_weights()}
        tasks = {name: kind for name, kind in tasks.items() if name in trained}
    return sorted(
        name for name, kind in tasks.items() if fnmatchcase(name, pattern) and task in (None, kind)
    )
