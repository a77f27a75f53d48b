"""Options with types: a frozen dataclass says which there are, everything else follows from it.

>>> @dataclass(frozen=True)
... class Options:
...     beam: int | None = option(None, "prefixes that the search follows")
...     hotwords: tuple[str, ...] = option((), "words to prefer", metavar="A,B")
>>> make("these weights", Options, {"beam": "5", "hotwords": "one,two"})
Options(beam=5, hotwords=('one', 'two'))

A value may be given as text, as a command line has it, or as what it is. The options have a form in
JSON (zoo/index.json), from which a command line is made without importing their file.
Types: int, float, bool, str, Path, Literal[...], tuple[TYPE, ...], and TYPE | None of these.
Proof: tests/test_options.py.
"""

import argparse
import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import reduce
from numbers import Integral, Real
from operator import or_
from os import PathLike
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from zoo.errors import BadInput

Chosen = TypeVar("Chosen")  # a class of options

PLAIN = {"int": int, "float": float, "bool": bool, "str": str, "path": Path, "none": NoneType}
SPOKEN = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    Path: "a file",
    NoneType: "none",
}
ACCEPTED: dict[Any, Any] = {  # type of an option -> what a caller in Python may give
    int: Integral,  # NumPy's as well
    float: Real,
    bool: bool,
    str: str,
    Path: PathLike,
    NoneType: NoneType,
}
PREFIX = "option."  # of their names in a namespace, where the arguments of a verb are too


@dataclass(frozen=True)
class Option:
    """One of them.

    Attributes:
        kind: its type.
        help: what it does, in a few words.
        metavar: what stands for its value in a help text.
    """

    name: str
    kind: Any
    default: Any
    help: str
    metavar: str | None = None

    @property
    def flag(self) -> str:
        """As it is typed: ``--top-k``."""
        return "--" + self.name.replace("_", "-")

    def to_json(self) -> dict[str, Any]:
        """All of it, for zoo/index.json."""
        default = list(self.default) if isinstance(self.default, tuple) else self.default
        kind = _kind_to_json(self.kind)
        return {**vars(self), "kind": kind, "default": default}


def option(default: Any, help: str, metavar: str | None = None) -> Any:
    """A field of a class of options."""
    return field(default=default, metadata={"help": help, "metavar": metavar})


def options_of(kind: type) -> tuple[Option, ...]:
    """The options that a dataclass has, in its order.

    Raises:
        TypeError: for a field that ``option`` did not make, or of a type not listed above.
    """
    hints, found = get_type_hints(kind), []
    for one in fields(kind):
        if "help" not in one.metadata:
            raise TypeError(f"{kind.__qualname__}.{one.name} must be made by option(default, help)")
        _kind_to_json(hints[one.name])
        found.append(Option(one.name, hints[one.name], one.default, **one.metadata))
    return tuple(found)


def from_json(record: Mapping[str, Any]) -> Option:
    """The option that ``to_json`` wrote."""
    default = record["default"]
    default = tuple(default) if isinstance(default, list) else default
    return Option(**{**record, "kind": _kind_from_json(record["kind"]), "default": default})


def make(owner: str, kind: type[Chosen], given: Mapping[str, Any]) -> Chosen:
    """An instance of a class of options.

    Args:
        owner: whose options they are, for what is said of a wrong one: ``"lenet5.mnist"``.
        given: values by name, as text or as what they are.

    Raises:
        BadInput: for a name that there is not, or a value of another type.
    """
    known = {one.name: one for one in options_of(kind)}
    for name in given:
        if name not in known:
            raise no_option(owner, name, known)
    return kind(**{name: _checked(known[name], value) for name, value in given.items()})


def no_option(owner: str, name: str, known: Iterable[str]) -> BadInput:
    """The error for an option that there is not.

    >>> print(no_option("lenet5.mnist", "beam", ["crops"]))
    lenet5.mnist has no option beam; it has crops
    """
    return BadInput(f"{owner} has no option {name}; it has {', '.join(known) or 'none'}")


# ---- text to values -----------------------------------------------------------------------------


def convert(name: str, text: str, kind: Any) -> Any:
    """``text`` as a value of type ``kind``.

    >>> convert("hidden_sizes", "300,100", tuple[int, ...]), convert("clip", "none", float | None)
    ((300, 100), None)

    Raises:
        BadInput: if it is not one.
    """
    kinds = _alternatives(kind)
    if NoneType in kinds and text.lower() in ("none", ""):
        return None
    for one in kinds:
        try:
            return _plain(text, one)
        except (ValueError, KeyError):
            continue
    raise BadInput(f"{name} must be {spoken(kind)}, got {text!r}")


def spoken(kind: Any) -> str:
    """A type in words.

    >>> spoken(int | None), spoken(Literal[1, 10, 144])
    ('a whole number or none', '1 or 10 or 144')
    """
    return " or ".join(_spoken(one) for one in _alternatives(kind))


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _plain(text: str, kind: Any) -> Any:
    """Raises ValueError or KeyError if the text is no value of one type."""
    if get_origin(kind) is tuple:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if text and not parts:
            raise ValueError(text)
        return tuple(_plain(part, get_args(kind)[0]) for part in parts)
    if get_origin(kind) is Literal:
        return {str(value): value for value in get_args(kind)}[text]
    if kind is bool:
        return {"true": True, "false": False}[text.lower()]
    if kind in (int, str, Path):
        return kind(text)
    if kind is float and (value := float(text)) == value:
        return value
    raise ValueError(text)


def _spoken(kind: Any) -> str:
    if get_origin(kind) is tuple:
        what = "words" if get_args(kind)[0] is str else "numbers"
        return f"{what} with commas between them"
    if get_origin(kind) is Literal:
        return " or ".join(map(str, get_args(kind)))
    return SPOKEN.get(kind) or inspect.formatannotation(kind)


# ---- values of Python ---------------------------------------------------------------------------


def _checked(one: Option, value: Any) -> Any:
    """A value, given as text or as what it is; raises BadInput if it is of another type."""
    if isinstance(value, str):
        return convert(one.name, value, one.kind)
    for kind in _alternatives(one.kind):
        try:
            return _fitting(value, kind)
        except ValueError:
            continue
    raise BadInput(f"{one.name} must be {spoken(one.kind)}, got {value!r}")


def _fitting(value: Any, kind: Any) -> Any:
    """The value as ``kind``; raises ValueError if it is none."""
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        return tuple(_fitting(each, get_args(kind)[0]) for each in value)
    if get_origin(kind) is Literal and value in get_args(kind) and not isinstance(value, bool):
        return value
    accepted = ACCEPTED.get(kind, ())
    truth = isinstance(value, bool) and kind is not bool  # True would pass for 1
    if isinstance(value, accepted) and not truth and value == value:  # NaN is not
        return value if value is None else kind(value)
    raise ValueError(value)


# ---- JSON ---------------------------------------------------------------------------------------


def _kind_to_json(kind: Any) -> Any:
    """Names of types; ``{"one of": [values]}``, ``{"list of": type}``, ``{"either": [types]}``."""
    names = {kind: name for name, kind in PLAIN.items()}
    if kind in names:
        return names[kind]
    parts = get_args(kind)
    if get_origin(kind) is Literal:
        return {"one of": list(parts)}
    if get_origin(kind) is tuple and parts[1:] == (...,):
        return {"list of": _kind_to_json(parts[0])}
    if get_origin(kind) in (Union, UnionType):
        return {"either": [_kind_to_json(part) for part in parts]}
    raise TypeError(f"an option cannot be of the type {inspect.formatannotation(kind)}")


def _kind_from_json(record: Any) -> Any:
    if isinstance(record, str):
        return PLAIN[record]
    [(how, what)] = record.items()
    if how == "one of":
        return Literal[tuple(what)]
    if how == "list of":
        return tuple[_kind_from_json(what), ...]  # type: ignore[misc]
    return reduce(or_, [_kind_from_json(part) for part in what])


# ---- command line -------------------------------------------------------------------------------


def add_arguments(parser: argparse.ArgumentParser, title: str, options: Sequence[Option]) -> None:
    """An argument for each option, under a title; what was chosen is told by ``chosen``."""
    group = parser.add_argument_group(title)
    for one in options:
        how: dict[str, Any] = {"help": (one.help + _default(one.default)).replace("%", "%%")}
        if bool in _alternatives(one.kind):
            how["action"] = argparse.BooleanOptionalAction
        else:
            how["metavar"] = one.metavar or _metavar(_alternatives(one.kind)[0])
        group.add_argument(one.flag, dest=PREFIX + one.name, default=argparse.SUPPRESS, **how)


def _default(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return "" if value is None or not text else f" (default {text})"


def chosen(args: argparse.Namespace) -> dict[str, Any]:
    """The options that stood in a command line, for ``make``: what is not bool as text."""
    values = vars(args).items()
    return {name.removeprefix(PREFIX): v for name, v in values if name.startswith(PREFIX)}


def _metavar(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"{{{','.join(map(str, get_args(kind)))}}}"
    if get_origin(kind) is tuple:
        return ",".join([_metavar(get_args(kind)[0])] * 2)
    return {int: "N", float: "X", Path: "FILE"}.get(kind, "TEXT")
