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

from zoo.errors import BadInput, note, unknown
from zoo.options import as_type, describe_type

if TYPE_CHECKING:
    from torch import nn

    from zoo.cards import Card

    Builder = TypeVar("Builder", bound=Callable[..., nn.Module])

INDEX = Path(__file__).with_name("index.json")
MOST_NUMBERS = 1_000_000_000  # of a network's tensors
MOST_TENSORS = 20_000
MOST_LAYERS = 100  # that an argument asks for
FAILURES = (TypeError, ValueError, ArithmeticError, LookupError, RuntimeError, MemoryError)
# Up to these no network has more than a fifth of MOST_NUMBERS, and nothing is counted: to build one
# without memory torch imports its compiler, which takes longer than most predictions.
USUAL = {
    "num_classes": 4096, "in_chans": 8, "image_size": 64, "vocab_size": 50_000,
    "char_vocab_size": 1000, "embedding_dim": 512, "hidden_size": 1024, "hidden_sizes": 1024,
    "num_layers": 8, "n_mels": 256, "channels": 64,
}  # fmt: skip
USUAL_LENGTH = 8  # of a list
MOST_ANCHORS = 12
FEW = ("anchors", "masks")  # lists whose length has a limit and whose numbers make nothing larger
LARGE = ("yolov1", "faster_rcnn")  # these may be larger than that, so they are always counted


@dataclass(frozen=True)
class Entry:
    """A registered architecture: how to build it and which paper it is from."""

    build: "Callable[..., nn.Module]"
    paper: str  # "He et al. 2015, arXiv:1512.03385, sec. 4.2"
    task: str  # the file in zoo/tasks that trains it
    input_shape: tuple[int, ...]  # one example, without the batch axis
    stem: str  # the parameter applied to the input channels: "c1.weight"
    head: str  # modules with one output per class: "output"; "fc aux1.fc aux2.fc"; "" if no weights
    not_trained: str = ""  # why it is only used here, not trained; "" of all others

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
    not_trained: str = "",
) -> "Callable[[Builder], Builder]":
    """Register the decorated builder under ``name``; the arguments are those of ``Entry``.

    Raises:
        ValueError: if ``name`` is already taken.
    """

    def add(build: "Builder") -> "Builder":
        if name in _ENTRIES:
            raise ValueError(f"model {name!r} is registered twice")
        _ENTRIES[name] = Entry(build, paper, task, input_shape, stem, head, not_trained)
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


def refuse_untrained(arch: str) -> None:
    """Raise BadInput for an architecture that is not trained here."""
    if why := entry(arch).not_trained:
        raise BadInput(f"{arch} is not trained here: {why}")


def build(name: str, most: int = MOST_NUMBERS, /, **arguments: Any) -> "nn.Module":
    """A model with newly initialised weights; ``arguments`` are those of its builder.

    Args:
        most: numbers of all tensors together; more is refused before memory is asked for.

    Raises:
        UnknownName: for an architecture or an argument that does not exist.
        BadInput: for a value that the builder does not accept, or too large a network.
    """
    from inspect import signature

    builder = entry(name).build
    parameters = signature(builder).parameters
    for argument in arguments:
        if argument not in parameters:
            raise unknown(f"argument of {name}", argument, parameters)
    _refuse_counts(name, arguments)
    try:
        _refuse_types({k: (v, parameters[k].annotation) for k, v in arguments.items()})
        if name in LARGE or not _is_usual(arguments):
            _refuse_huge(builder, arguments, most)
        return builder(**arguments)
    except FAILURES as error:
        values = ", ".join(f"{k}={repr(v)[:40]}" for k, v in arguments.items())
        raise BadInput(f"{name}({values}): {str(error)[:200] or 'out of memory'}") from error


def _refuse_counts(name: str, arguments: dict[str, Any]) -> None:
    for count in ("num_classes", "in_chans"):
        if isinstance(arguments.get(count), int) and arguments[count] < 1:
            raise BadInput(f"{count} must be at least 1, got {arguments[count]}")
    for argument, value in arguments.items():
        layers = value if argument == "num_layers" and type(value) is int else 0
        size = len(value) if isinstance(value, list | tuple) else layers
        if size > MOST_LAYERS:
            raise BadInput(f"{argument} of {name} must be at most {MOST_LAYERS}, got {size:,}")


def _refuse_types(arguments: dict[str, tuple[Any, Any]]) -> None:
    """Refuse a value that is not of the type that its builder names, where that is a plain one."""
    for argument, (value, kind) in arguments.items():
        if kind in (int, float, bool, str):
            try:
                as_type(value, kind)
            except ValueError as error:
                raise BadInput(f"{argument} must be {describe_type(kind)}") from error


def _is_usual(arguments: dict[str, Any]) -> bool:
    """Whether no argument can make the network much larger than it is by default."""
    for name, value in arguments.items():
        if name in FEW and isinstance(value, list | tuple) and len(value) <= MOST_ANCHORS:
            continue
        values = value if isinstance(value, list | tuple) and name in USUAL else [value]
        sizes = [one for one in values if not isinstance(one, bool | float | str | None)]
        if len(sizes) > USUAL_LENGTH or not all(
            type(size) is int and size <= USUAL.get(name, -1) for size in sizes
        ):
            return False
    return True


def _refuse_huge(builder: "Builder", arguments: dict[str, Any], most: int) -> None:
    """Build the network without memory (torch's device "meta") and count as it grows."""
    import torch
    from torch.nn.modules import module

    numbers = tensors = 0

    def count(owner: Any, name: str, tensor: Any) -> None:
        nonlocal numbers, tensors
        numbers, tensors = numbers + (0 if tensor is None else tensor.numel()), tensors + 1
        if numbers > most or tensors > MOST_TENSORS:
            got = f"{numbers:,} numbers" if numbers > most else f"{tensors:,} tensors"
            raise BadInput(f"the network would have {got} or more, too many to be meant here")

    hooks = [
        module.register_module_parameter_registration_hook(count),
        module.register_module_buffer_registration_hook(count),
    ]
    try:
        with torch.random.fork_rng([]), torch.device("meta"):
            builder(**arguments)
    finally:
        for hook in hooks:
            hook.remove()


def task_of(arch: str) -> str:
    """The task of an architecture, "" for an unknown name; torch is not imported."""
    if arch in _ENTRIES:
        return _ENTRIES[arch].task
    return str(index()["models"].get(arch, {}).get("task", ""))


def task_of_file(name: str | Path) -> str:
    """The task whose predictor reads a file that is no card and names no weights; "" for others."""
    from zoo.cards import list_weights
    from zoo.reading import is_file

    if not isinstance(name, str | Path):
        return ""  # cards.card refuses it
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


def weights_meant(name: str | Path) -> str | Path:
    """The name of an architecture to that of its default weights; anything else as it is.

    What is the name of weights, a file, or a folder with a card stays that.

    Raises:
        BadFile: if a card of the architecture cannot be read.
    """
    from zoo.cards import default, list_weights

    known = list_weights()
    if (
        not isinstance(name, str)
        or name in known
        or name not in {one.partition(".")[0] for one in known}
    ):
        return name
    place = Path(name)
    if place.is_file() or (place.is_dir() and any(place.glob("*.json"))):
        return name
    return default(name).name


def taken(name: str | Path) -> "Card":
    """The card of some weights, or of an architecture's default ones, which is told.

    Raises:
        UnknownName, Missing, BadInput: as ``zoo.cards.card``.
    """
    from zoo.cards import card

    meant = weights_meant(name)
    found = card(meant)
    if meant != name:
        note(f"{name}: its weights {found.name} are taken")
    return found
