"""Functions and values as a card records them: text and plain JSON.

Proof: tests/recipes/test_recipes.py.
"""

import inspect
from dataclasses import asdict, is_dataclass
from functools import partial
from typing import Any


def as_lists(value: Any) -> Any:
    """Nested tuples as lists, so that a value equals itself after a round trip through JSON.

    >>> as_lists(((11, 11), (7, 7)))
    [[11, 11], [7, 7]]
    """
    return [as_lists(part) for part in value] if isinstance(value, tuple | list) else value


def describe(thing: Any) -> Any:
    """Text for a function: ``partial(mnist, pad=2)`` is "mnist(pad=2)"; plain values unchanged."""
    if is_dataclass(thing) and not isinstance(thing, type):  # a front end can be called, too
        return asdict(thing)
    thing = inspect.unwrap(thing) if callable(thing) else thing  # the function under a decorator
    if isinstance(thing, partial):
        keywords = ", ".join(f"{k}={v}" for k, v in thing.keywords.items() if k != "lr")
        return f"{describe(thing.func)}({keywords})"
    if isinstance(thing, tuple) and any(callable(part) for part in thing):
        return f"({', '.join(str(describe(part)) for part in thing)})"
    if not callable(thing):
        return thing
    name = thing.__qualname__.partition(".<locals>")[0]
    closure = inspect.getclosurevars(thing).nonlocals if inspect.isfunction(thing) else {}
    variables = ", ".join(f"{k}={describe(v)}" for k, v in sorted(closure.items()))
    return f"{name}({variables})" if variables else str(name)
