"""Functions and values as a card records them: text and plain JSON.

Proof: tests/recipes/test_recipes.py.
"""

import inspect
from functools import partial
from typing import Any


def listed(value: Any) -> Any:
    """Tuples as lists, however deep: what comes back from JSON is equal to what went in.

    >>> listed(((11, 11), (7, 7)))
    [[11, 11], [7, 7]]
    """
    return [listed(part) for part in value] if isinstance(value, tuple | list) else value


def describe(thing: Any) -> Any:
    """A name for a function: ``partial(mnist, pad=2)`` is "mnist(pad=2)"; plain values as is."""
    thing = inspect.unwrap(thing) if callable(thing) else thing  # what is cached, or the like
    if isinstance(thing, partial):
        given = ", ".join(f"{k}={v}" for k, v in thing.keywords.items() if k != "lr")
        return f"{describe(thing.func)}({given})"
    if isinstance(thing, tuple) and any(callable(part) for part in thing):
        return f"({', '.join(str(describe(part)) for part in thing)})"
    if not callable(thing):
        return thing
    name = thing.__qualname__.partition(".<locals>")[0]
    inside = inspect.getclosurevars(thing).nonlocals if inspect.isfunction(thing) else {}
    given = ", ".join(f"{k}={describe(v)}" for k, v in sorted(inside.items()))
    return f"{name}({given})" if given else str(name)
