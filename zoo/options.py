"""Typed options: a frozen dataclass defines them; parsing, checks, JSON and help derive from it.

>>> @dataclass(frozen=True)
... class Options:
...     beam: int | None = option(None, "width of the beam search")
...     hotwords: tuple[str, ...] = option((), "words to prefer", metavar="A,B")
>>> make_options("these weights", Options, {"beam": "5", "hotwords": "one,two"})
Options(beam=5, hotwords=('one', 'two'))

A value is given as text, as on a command line, or as a Python value. Options are also written as
JSON (zoo/index.json), from which a command line is built without importing the dataclass.
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

OptionsT = TypeVar("OptionsT")  # a dataclass of options

TYPE_NAMES = {"int": int, "float": float, "bool": bool, "str": str, "path": Path, "none": NoneType}
TYPE_DESCRIPTIONS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    Path: "a file",
    NoneType: "none",
}
ACCEPTED: dict[Any, Any] = {  # type of an option -> type that a Python caller may pass
    int: Integral,  # NumPy's included
    float: Real,
    bool: bool,
    str: str,
    Path: PathLike,
    NoneType: NoneType,
}
PREFIX = "option."  # of their names in a namespace, which also holds the arguments of the verb


@dataclass(frozen=True)
class Option:
    """One option.

    Attributes:
        kind: its type.
        help: a short description.
        metavar: placeholder for its value in a help text.
    """

    name: str
    kind: Any
    default: Any
    help: str
    metavar: str | None = None

    @property
    def flag(self) -> str:
        """The name on a command line: ``--top-k``."""
        return "--" + self.name.replace("_", "-")

    def to_json(self) -> dict[str, Any]:
        """The record of this option in zoo/index.json."""
        default = list(self.default) if isinstance(self.default, tuple) else self.default
        kind = _type_to_json(self.kind)
        return {**vars(self), "kind": kind, "default": default}


def option(default: Any, help: str, metavar: str | None = None) -> Any:
    """A field of a dataclass of options."""
    return field(default=default, metadata={"help": help, "metavar": metavar})


def options_of(kind: type) -> tuple[Option, ...]:
    """The options of a dataclass, in its order.

    Raises:
        TypeError: for a field that ``option`` did not make, or of a type not listed above.
    """
    hints, options = get_type_hints(kind), []
    for one in fields(kind):
        if "help" not in one.metadata:
            raise TypeError(f"{kind.__qualname__}.{one.name} must be made by option(default, help)")
        _type_to_json(hints[one.name])
        options.append(Option(one.name, hints[one.name], one.default, **one.metadata))
    return tuple(options)


def from_json(record: Mapping[str, Any]) -> Option:
    """The option from the record that ``to_json`` returned."""
    default = record["default"]
    default = tuple(default) if isinstance(default, list) else default
    return Option(**{**record, "kind": _type_from_json(record["kind"]), "default": default})


def make_options(owner: str, kind: type[OptionsT], values: Mapping[str, Any]) -> OptionsT:
    """An instance of a dataclass of options.

    Args:
        owner: whose options they are, for error messages: ``"lenet5.mnist"``.
        values: by name, as text or as Python values.

    Raises:
        BadInput: for an unknown name, or a value of another type.
    """
    known = {one.name: one for one in options_of(kind)}
    for name in values:
        if name not in known:
            raise unknown_option(owner, name, known)
    return kind(**{name: _converted(known[name], value) for name, value in values.items()})


def unknown_option(owner: str, name: str, known: Iterable[str]) -> BadInput:
    """The error for an option that does not exist.

    >>> print(unknown_option("lenet5.mnist", "beam", ["crops"]))
    lenet5.mnist has no option beam; it has crops
    """
    return BadInput(f"{owner} has no option {name}; it has {', '.join(known) or 'none'}")


# ---- text to values -----------------------------------------------------------------------------


def convert(name: str, text: str, kind: Any) -> Any:
    """``text`` as a value of type ``kind``.

    >>> convert("hidden_sizes", "300,100", tuple[int, ...]), convert("clip", "none", float | None)
    ((300, 100), None)

    Raises:
        BadInput: if it is not a value of that type.
    """
    kinds = _alternatives(kind)
    if NoneType in kinds and text.lower() in ("none", ""):
        return None
    for one in kinds:
        try:
            return _parse(text, one)
        except (ValueError, KeyError):
            continue
    raise BadInput(f"{name} must be {describe_type(kind)}, got {text!r}")


def describe_type(kind: Any) -> str:
    """A type in words.

    >>> describe_type(int | None), describe_type(Literal[1, 10, 144])
    ('a whole number or none', '1 or 10 or 144')
    """
    return " or ".join(_describe_type(one) for one in _alternatives(kind))


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _parse(text: str, kind: Any) -> Any:
    """``text`` as a value of one type; raises ValueError or KeyError if it is not one."""
    if get_origin(kind) is tuple:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if text and not parts:
            raise ValueError(text)
        return tuple(_parse(part, get_args(kind)[0]) for part in parts)
    if get_origin(kind) is Literal:
        return {str(value): value for value in get_args(kind)}[text]
    if kind is bool:
        return {"true": True, "false": False}[text.lower()]
    if kind in (str, Path) or (kind is int and text.isascii()):  # int() takes digits of any script
        return kind(text)
    if kind is float and text.isascii() and (value := float(text)) == value:
        return value
    raise ValueError(text)


def _describe_type(kind: Any) -> str:
    if get_origin(kind) is tuple:
        what = "words" if get_args(kind)[0] is str else "numbers"
        return f"{what} with commas between them"
    if get_origin(kind) is Literal:
        return " or ".join(map(str, get_args(kind)))
    return TYPE_DESCRIPTIONS.get(kind) or inspect.formatannotation(kind)


# ---- Python values ------------------------------------------------------------------------------


def _converted(one: Option, value: Any) -> Any:
    """A value given as text or as a Python value; raises BadInput if it is of another type."""
    if isinstance(value, str):
        return convert(one.name, value, one.kind)
    for kind in _alternatives(one.kind):
        try:
            return as_type(value, kind)
        except ValueError:
            continue
    raise BadInput(f"{one.name} must be {describe_type(one.kind)}, got {value!r}")


def as_type(value: Any, kind: Any) -> Any:
    """A Python value as ``kind``; raises ValueError if it is not one."""
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        return tuple(as_type(item, get_args(kind)[0]) for item in value)
    if get_origin(kind) is Literal and value in get_args(kind) and not isinstance(value, bool):
        return value
    accepted = ACCEPTED.get(kind, ())
    unexpected_bool = isinstance(value, bool) and kind is not bool  # True would pass for 1
    if isinstance(value, accepted) and not unexpected_bool and value == value:  # NaN is not
        return value if value is None else kind(value)
    raise ValueError(value)


# ---- JSON ---------------------------------------------------------------------------------------


def _type_to_json(kind: Any) -> Any:
    """A name, or ``{"one of": [values]}``, ``{"list of": type}``, ``{"either": [types]}``."""
    names = {kind: name for name, kind in TYPE_NAMES.items()}
    if kind in names:
        return names[kind]
    parts = get_args(kind)
    if get_origin(kind) is Literal:
        return {"one of": list(parts)}
    if get_origin(kind) is tuple and parts[1:] == (...,):
        return {"list of": _type_to_json(parts[0])}
    if get_origin(kind) in (Union, UnionType):
        return {"either": [_type_to_json(part) for part in parts]}
    raise TypeError(f"an option cannot be of the type {inspect.formatannotation(kind)}")


def _type_from_json(record: Any) -> Any:
    if isinstance(record, str):
        return TYPE_NAMES[record]
    [(how, what)] = record.items()
    if how == "one of":
        return Literal[tuple(what)]
    if how == "list of":
        return tuple[_type_from_json(what), ...]  # type: ignore[misc]
    return reduce(or_, [_type_from_json(part) for part in what])


# ---- command line -------------------------------------------------------------------------------


def add_arguments(parser: argparse.ArgumentParser, title: str, options: Sequence[Option]) -> None:
    """Add an argument for each option, under a title; ``parsed_options`` reads their values."""
    group = parser.add_argument_group(title)
    for one in options:
        settings: dict[str, Any] = {"help": (one.help + _default(one.default)).replace("%", "%%")}
        if bool in _alternatives(one.kind):
            settings["action"] = argparse.BooleanOptionalAction
        else:
            settings["metavar"] = one.metavar or _metavar(_alternatives(one.kind)[0])
        group.add_argument(one.flag, dest=PREFIX + one.name, default=argparse.SUPPRESS, **settings)


def _default(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return "" if value is None or not text else f" (default {text})"


def parsed_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options given on a command line, for ``make_options``: booleans, the others as text."""
    values = vars(args).items()
    return {name.removeprefix(PREFIX): v for name, v in values if name.startswith(PREFIX)}


def _metavar(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"{{{','.join(map(str, get_args(kind)))}}}"
    if get_origin(kind) is tuple:
        return ",".join([_metavar(get_args(kind)[0])] * 2)
    return {int: "N", float: "X", Path: "FILE"}.get(kind, "TEXT")


def parse_fields(words: Iterable[str]) -> dict[str, str]:
    """``["steps=200"]`` to ``{"steps": "200"}``.

    Raises:
        BadInput: for a word of another form.
    """
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise BadInput(f"{word!r} is not field=value, such as steps=200")
        pairs[name] = value
    return pairs
