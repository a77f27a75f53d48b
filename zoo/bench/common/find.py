"""Which benches there are and what they take, read from their files without importing them.

A bench is a file ``zoo/bench/NAME.py``. It has ``HEAD``, the names of its columns; ``ROUNDS``, how
often each side runs by default; and ``run(rounds, **options)``, which gives rows as they are
measured. The first line of the file's docstring is its help. The keyword-only parameters of ``run``
are the options of ``zoo bench NAME``, described under ``Args:`` in its docstring.

The files import torch and their peers, which takes seconds; help must not. So they are parsed.
Proof: tests/bench/common/test_find.py.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

FOLDER = Path(__file__).parents[1]


class Row(Protocol):
    """One line of a table: a dataclass whose fields are the facts."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def cells(self) -> Sequence[str]:
        """Text for a table, one cell for each column of ``HEAD``; the first is the row's name."""


class Bench(Protocol):
    """What a file of zoo/bench holds."""

    HEAD: Sequence[str]
    ROUNDS: int
    run: Callable[..., Iterable[Row]]


@dataclass(frozen=True)
class Option:
    """A keyword-only parameter of ``run``."""

    name: str
    kind: str  # the annotation, as it is written
    default: Any
    help: str


@dataclass(frozen=True)
class About:
    """What can be said of a bench without running it."""

    name: str
    summary: str
    rounds: int
    options: tuple[Option, ...]


def names(folder: Path = FOLDER) -> list[str]:
    """The benches of ``folder``, in order."""
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def about(name: str, folder: Path = FOLDER) -> About:
    """What the file of a bench says of itself."""
    tree = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
    summary = (ast.get_docstring(tree) or "").partition("\n")[0].replace("`", "")
    rounds = 0
    options: tuple[Option, ...] = ()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "run":
            options = _options(node)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ROUNDS":
            rounds = ast.literal_eval(node.value)
    return About(name, summary, rounds, options)


def _options(run: ast.FunctionDef) -> tuple[Option, ...]:
    words = described(ast.get_docstring(run) or "")
    return tuple(
        Option(
            parameter.arg,
            ast.unparse(parameter.annotation) if parameter.annotation else "",
            ast.literal_eval(default) if default else None,
            words.get(parameter.arg, ""),
        )
        for parameter, default in zip(run.args.kwonlyargs, run.args.kw_defaults, strict=True)
    )


def described(docstring: str) -> dict[str, str]:
    """What a docstring says of each argument under ``Args:``, each text in one line."""
    block = re.search(r"^Args:\n((?:[ ]+.*\n?)+)", docstring, re.MULTILINE)
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", block[1] if block else "", re.MULTILINE)
    return {name: " ".join(text.split()).rstrip(".") for name, text in entries}


def load(name: str) -> Bench:
    """The module of a bench."""
    return cast(Bench, import_module(f"zoo.bench.{name}"))


def converted(bench: Bench, given: Mapping[str, str | bool]) -> dict[str, Any]:
    """The options given on a command line, as ``bench.run`` wants them.

    Raises:
        BadInput: for text that is not of the option's type.
    """
    from zoo.recipes.override import convert

    known = inspect.signature(bench.run, eval_str=True).parameters
    return {
        name: value
        if value is True  # a flag
        else convert(f"--{dashed(name)}", str(value), known[name].annotation)
        for name, value in given.items()
    }


def dashed(name: str) -> str:
    """``top_k`` as it is typed: ``top-k``."""
    return name.replace("_", "-")
