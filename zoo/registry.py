"""The registry of architectures, from names to builders: ``zoo.create_model``, ``zoo list``.

``index.json`` beside this file holds the part that is needed without importing torch: names, papers
and tasks; for each task the options of its predictor and the format of the user's data.
``python scripts/write_index.py`` updates it; a test compares it with the source.
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
    """A registered architecture: how to build it and which paper it is from."""

    build: "Callable[..., nn.Module]"
    paper: str  # "He et al. 2015, arXiv:1512.03385, sec. 4.2"
    task: str  # the file in zoo/tasks that trains it
    input_shape: tuple[int, ...]  # one example, without the batch axis
    stem: str  # the parameter applied to the input channels: "c1.weight"
    head: str  # modules with one output per class: "output"; "fc aux1.fc aux2.fc"; "" if no weights

    @property
    def summary(self) -> str:
        """The first line of the builder's docstring."""
        return (self.build.__doc__ or "").strip().split("\n")[0]


_ENTRIES: dict[str, Entry] = {}


@cache
def index() -> dict[str, Any]:
    """index.json: ``models`` and ``recipes`` by name; ``options`` and ``own_data`` by task.

    ``files`` has the tasks whose predictors read files without a card, and what these are called.
    """
    record: dict[str, Any] = json.loads(INDEX.read_text(encoding="utf-8"))
    return record


def register(
    name: str,
    *,
    paper: str,
    task: str = "classification",
    input_shape: tuple[int, ...],
    stem: str,
    head: str,
) -> "Callable[[Builder], Builder]":
    """Register the decorated builder under ``name``; the arguments are those of ``Entry``.

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
    """The entry of an architecture; imports only the module that defines it.

    Raises:
        UnknownName: if there is no such architecture; near names are given.
    """
    if name not in _ENTRIES and name in index()["models"]:
        import_module(index()["models"][name]["module"])
    if name not in _ENTRIES:
        raise unknown("model", name, list_models())
    return _ENTRIES[name]


def build(name: str, **arguments: Any) -> "nn.Module":
    """A model with newly initialised weights; ``arguments`` are those of its builder.

    Raises:
        UnknownName: for an architecture or an argument that does not exist.
        BadInput: for a value that the builder does not accept.
    """
    from inspect import signature

    builder = entry(name).build
    parameters = signature(builder).parameters
    for argument in arguments:
        if argument not in parameters:
            raise unknown(f"argument of {name}", argument, parameters)
    for count in ("num_classes", "in_chans"):
        if isinstance(arguments.get(count), int) and arguments[count] < 1:
            raise BadInput(f"{count} must be at least 1, got {arguments[count]}")
    try:
        return builder(**arguments)
    except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:  # torch: no memory
        values = ", ".join(f"{k}={v!r}" for k, v in arguments.items())
        raise BadInput(f"{name}({values}): {error}") from error


def task_of(arch: str) -> str:
    """The task of an architecture, "" for an unknown name; torch is not imported."""
    if arch in _ENTRIES:
        return _ENTRIES[arch].task
    return str(index()["models"].get(arch, {}).get("task", ""))


def task_of_file(name: str | Path) -> str:
    """The task whose predictor reads a file that is no card and names no weights; "" for others."""
    from zoo.cards import list_weights
    from zoo.reading import is_file

    if Path(name).suffix == ".json" or not is_file(name) or str(name) in list_weights():
        return ""
    return str(next(iter(index()["files"]), ""))


def list_models(
    pattern: str = "*", *, task: str | None = None, pretrained: bool = False
) -> list[str]:
    """Names of architectures, sorted.

    Args:
        pattern: a shell pattern: ``"lenet*"``.
        task: only those for this task, such as ``"classification"``.
        pretrained: only those with weights.
    """
    tasks = {name: about["task"] for name, about in index()["models"].items()}
    tasks |= {name: entry.task for name, entry in _ENTRIES.items()}
    if pretrained:
        from zoo.cards import list_weights

        with_weights = {name.partition(".")[0] for name in list_weights()}
        tasks = {name: own_task for name, own_task in tasks.items() if name in with_weights}
    return sorted(
        name
        for name, own_task in tasks.items()
        if fnmatchcase(name, pattern) and task in (None, own_task)
    )
