"""Text from a command line to the value a field wants, or one line on what it wants."""

import inspect
from collections.abc import Callable
from functools import partial
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import torch

from zoo.data.image import augment
from zoo.engine import schedule
from zoo.errors import BadInput, unknown

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": partial(torch.optim.SGD, lr=0.0),
    "momentum": partial(torch.optim.SGD, lr=0.0, momentum=0.9),
    "rmsprop": partial(torch.optim.RMSprop, lr=0.0),
    "adam": partial(torch.optim.Adam, lr=0.0),
    "adamw": partial(torch.optim.AdamW, lr=0.0),
}


def convert(name: str, text: str, kind: Any) -> Any:
    """``text`` as a value of type ``kind``.

    >>> convert("hidden", "300,100", tuple[int, ...])
    (300, 100)
    >>> convert("clip", "none", float | None) is None
    True

    Raises:
        BadInput: if it is not one.
    """
    if name == "schedule":
        return schedule.named(text)
    if name == "augment":
        return _choose("augmentation", text, augment.NAMED)()
    if name == "optimizer":
        return _choose("optimizer", text, OPTIMIZERS)
    options = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    if type(None) in options and text.lower() in ("none", ""):
        return None
    for option in options:
        try:
            return _plain(text, option)
        except ValueError:
            continue
    wanted = " or ".join(_spoken(option) for option in options)
    raise BadInput(f"{name} must be {wanted}, got {text!r}")


def _plain(text: str, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        return tuple(_plain(part, get_args(kind)[0]) for part in text.split(",") if part)
    if get_origin(kind) is Literal:
        return get_args(kind)[get_args(kind).index(text)]
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    if kind in (int, str):
        return kind(text)
    if kind is float:
        value = float(text)
        if value != value:
            raise ValueError(text)
        return value
    raise ValueError(text)


def _choose(what: str, name: str, table: dict[str, Any]) -> Any:
    if name not in table:
        raise unknown(what, name, table)
    return table[name]


def _spoken(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return "numbers with commas between them"
    if get_origin(kind) is Literal:
        return " or ".join(get_args(kind))
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    words[type(None)] = "none"
    return words.get(kind, inspect.formatannotation(kind))
