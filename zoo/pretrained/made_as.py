"""What a model was made as, on the model itself: copies and pickles of it keep that.

Proof: tests/api/test_transforming.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import nn

Module = TypeVar("Module", bound=nn.Module)
KEY = "made_as"  # the attribute; plain values, no part of the state


@dataclass(frozen=True)
class MadeAs:
    """An architecture with its arguments, and the front end of its weights if it has some."""

    arch: str
    arguments: Mapping[str, Any]
    front_end: Mapping[str, Any] | None


def mark(model: Module, made: MadeAs | None) -> Module:
    """The model, which remembers from now on what it was made as, if that is known."""
    if made is not None:
        vars(model)[KEY] = made
    return model


def made_as(model: nn.Module) -> MadeAs | None:
    """What a model was made as; None for one that the zoo did not make."""
    found = vars(model).get(KEY)
    return found if isinstance(found, MadeAs) else None
