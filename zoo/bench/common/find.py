"""Which benches there are and what they take, read from their files without importing them.

A bench is a file ``zoo/bench/NAME.py``. It has ``HEAD``, the names of its columns; ``ROUNDS``, how
often each side runs by default; and ``run(rounds, **options)``, which gives rows as they are
measured. The first line of the file's docstring is its help. The keyword-only parameters of ``run``
are the options of ``zoo bench NAME``, described under ``Args:`` in its docstring.

The files import torch and their peers, which takes seconds; help must not. So they are parsed.
Proof: tests/bench/common/test_find.py.
"""

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

from zoo.options import Option, convert

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
            name=one.arg,
            kind=eval(ast.unparse(one.annotation or ast.Name("str")), {}),  # of a file of ours
            default=ast.literal_eval(default) if default else None,
            help=words.get(one.arg, ""),
        )
        for one, default in zip(run.args.kwonlyargs, run.args.kw_defaults, strict=True)
    )


def described(docstring: str) -> dict[str, str]:
    """What a docstring says of each argument under ``Args:``, each text in one line."""
    block = re.search(r"^Args:\n((?:[ ]+.*\n?)+)", docstring, re.MULTILINE)
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", block[1] if block else "", re.MULTILINE)
    return {name: " ".join(text.split()).rstrip(".") for name, text in entries}


def load(name: str) -> Bench:
    """The module of a bench."""
    return cast(Bench, import_module(f"zoo.bench.{name}"))


def values(about: About, given: Mapping[str, str | bool]) -> dict[str, Any]:
    """The options of a command line as ``run`` takes them.

    Raises:
        BadInput: for text that is not of the option's type.
    """
    known = {one.name: one for one in about.options}
    return {
        name: text if isinstance(text, bool) else convert(known[name].flag, text, known[name].kind)
        for name, text in given.items()
    }
