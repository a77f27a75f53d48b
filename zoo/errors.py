"""What goes wrong in a user's hands, said in one line: what was got, what was expected, what to do.

The command line prints a ``ZooError`` without a traceback; anything else that escapes is our bug.
Each kind is also the built-in exception that a Python caller would expect.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class ZooError(Exception):
    """Base of every error that a user can mend."""


class UnknownName(ZooError, KeyError):
    """A model, weights, recipe or field that does not exist."""

    __str__ = Exception.__str__  # KeyError would print the message in quotes


class BadInput(ZooError, ValueError):
    """A value, a picture or a folder that cannot be used as it is."""


class BadFile(ZooError, ValueError):
    """A file that is damaged, hostile, or not what it claims to be."""


class Missing(ZooError, FileNotFoundError):
    """A file that is not there and could not be fetched."""


class CannotWrite(ZooError, OSError):
    """A folder that is read-only, a disk that is full."""


class Busy(ZooError):
    """A run folder that another process is using."""


class NotFinite(ZooError, FloatingPointError):
    """A loss or a weight that is NaN or infinite."""


class Interrupted(ZooError):
    """Training was stopped by a signal, after a checkpoint was left."""

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.signal_number = signal_number


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownName:
    """The error for a name that is not among ``known``, with the near ones.

    >>> print(unknown("model", "lenet", ["lenet5", "mlp"]))
    no model 'lenet'; did you mean lenet5?
    """
    names = sorted(known)
    near = get_close_matches(name.lower(), names, n=4, cutoff=0.5)
    near += [n for n in names if n not in near and name and name.lower() in n][: 4 - len(near)]
    if near:
        return UnknownName(f"no {kind} {name!r}; did you mean {', '.join(near)}?")
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return UnknownName(f"no {kind} {name!r}; there is {listed or 'none'}")
