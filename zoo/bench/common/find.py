"""The benchmarks and their options, found without importing them.

A benchmark is a module ``zoo/bench/NAME.py``, or one of a folder there. It has ``HEAD``, the names
of its columns; ``ROUNDS``, the default number of runs of each side; and ``run(rounds, **options)``,
which yields rows as they are measured. The first line of the module's docstring is its help. The
keyword-only parameters of ``run`` are the options of ``zoo bench NAME``; its docstring has them.

The modules are parsed, not imported: importing torch and the peers takes seconds, too long for
help. Proof: tests/bench/common/test_find.py.
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
NO_BENCHES = ("common", "plain")  # folders of what benchmarks share


class Row(Protocol):
    """One row of a table: a dataclass with the measurements.

    A field ``note`` that is not empty says why a side was not measured; a page is then not written.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def cells(self) -> Sequence[str]:
        """The cells of a table as text, one for each column of ``HEAD``; the first is a name."""


class Bench(Protocol):
    """A module of zoo/bench."""

    HEAD: Sequence[str]
    ROUNDS: int
    run: Callable[..., Iterable[Row]]


@dataclass(frozen=True)
class About:
    """The description of a benchmark, without importing it."""

    name: str
    summary: str
    rounds: int
    options: tuple[Option, ...]


def names(folder: Path = FOLDER) -> list[str]:
    """The names of the benchmarks in ``folder``, sorted."""
    return sorted(_paths(folder))


def _paths(folder: Path) -> dict[str, Path]:
    """The module of each benchmark, by its name."""
    paths = [*folder.glob("[a-z]*.py"), *folder.glob("[a-z]*/[a-z]*.py")]
    return {path.stem: path for path in paths if path.parent.name not in NO_BENCHES}


def about(name: str, folder: Path = FOLDER) -> About:
    """The description of a benchmark, parsed from its module."""
    tree = ast.parse(_paths(folder)[name].read_text(encoding="utf-8"))
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
    helps = argument_help(ast.get_docstring(run) or "")
    return tuple(
        Option(
            name=one.arg,
            kind=eval(ast.unparse(one.annotation or ast.Name("str")), {}),  # source of this package
            default=ast.literal_eval(default) if default else None,
            help=helps.get(one.arg, ""),
        )
        for one, default in zip(run.args.kwonlyargs, run.args.kw_defaults, strict=True)
    )


def argument_help(docstring: str) -> dict[str, str]:
    """The descriptions under ``Args:`` in a docstring, by name, each in one line."""
    block = re.search(r"^Args:\n((?:[ ]+.*\n?)+)", docstring, re.MULTILINE)
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", block[1] if block else "", re.MULTILINE)
    return {name: " ".join(text.split()).rstrip(".") for name, text in entries}


def load(name: str) -> Bench:
    """The module of a benchmark."""
    place = _paths(FOLDER)[name].relative_to(FOLDER).with_suffix("")
    return cast(Bench, import_module(".".join(("zoo.bench", *place.parts))))


def values(about: About, texts: Mapping[str, str | bool]) -> dict[str, Any]:
    """The options of a command line, converted to the types that ``run`` takes.

    Raises:
        BadInput: for text that is not of the option's type.
    """
    known = {one.name: one for one in about.options}
    return {
        name: text if isinstance(text, bool) else convert(known[name].flag, text, known[name].kind)
        for name, text in texts.items()
    }
