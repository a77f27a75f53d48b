"""Errors that a user can correct; the message is one line: got, expected, and what to do.

The command line prints a ``ZooError`` without a traceback; any other exception is a bug of zoo.
Each class is also the built-in exception that a Python caller would expect.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class ZooError(Exception):
    """Base class of all errors that a user can correct."""


class UnknownName(ZooError, KeyError):
    """A model, weights, recipe or field that does not exist."""

    __str__ = Exception.__str__  # KeyError would print the message in quotes


class BadInput(ZooError, ValueError):
    """A value, an image or a folder that cannot be used as it is."""


class BadFile(ZooError, ValueError):
    """A file that is damaged, malicious, or not of the expected format."""


class Missing(ZooError, FileNotFoundError):
    """A file that does not exist and could not be downloaded."""


class CannotWrite(ZooError, OSError):
    """A read-only folder or a full disk."""


class Busy(ZooError):
    """A run folder that another process is using."""


class NotFinite(ZooError, FloatingPointError):
    """A loss or a weight that is NaN or infinite."""


class Interrupted(ZooError):
    """Training was stopped by a signal after a checkpoint was written."""

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.signal_number = signal_number


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownName:
    """The error for a name that is not among ``known``; its message gives near names.

    >>> print(unknown("model", "lenet", ["lenet5", "mlp"]))
    no model 'lenet'; did you mean lenet5?
    """
    names = sorted(known)
    near = get_close_matches(name.lower(), names, n=4, cutoff=0.5)
    near += [n for n in names if n not in near and name and name.lower() in n][: 4 - len(near)]
    if near:
        return UnknownName(f"no {kind} {name!r}; did you mean {', '.join(near)}?")
    first = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return UnknownName(f"no {kind} {name!r}; there is {first or 'none'}")


@contextmanager
def one_line() -> Iterator[None]:
    """For programs: a ``ZooError`` ends them with its line on standard error and exit code 2."""
    try:
        yield
    except ZooError as error:
        print(f"zoo: {' '.join(str(error).split())}", file=sys.stderr)
        raise SystemExit(2) from None
