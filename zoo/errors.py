"""Errors that a user can correct; the message is one line: got, expected, and what to do.

The command line prints a ``ZooError`` without a traceback; any other exception is a bug of zoo.
Each class is also the built-in exception that a Python caller would expect.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

LONGEST_WORD = 200  # characters without a blank, such as a value from a file
LONGEST = 800  # characters of a message
STACK = "Exception raised from"  # what torch writes before its C++ stack
ODD = re.compile(  # control characters, marks of direction, halves of characters
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)

OBEYED = re.compile(  # what a terminal obeys: control characters, turns of the writing direction
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def one_line_of(message: object) -> str:
    r"""A message in one line of at most 800 characters, whatever a file put into it.

    Control characters, terminal escapes and marks that turn the direction of text are written as
    escapes; long words and C++ stacks are cut.

    >>> one_line_of("no class '\x1b[31mred'\nin the file")
    "no class '\\x1b[31mred' in the file"
    """
    text = str(message).partition(STACK)[0]
    if len(text) > 10 * LONGEST:  # a file's content: enough of it to cut below
        text = text[: 5 * LONGEST] + text[-5 * LONGEST :]
    words = (_cut(ODD.sub(_escaped, word), LONGEST_WORD) for word in text.split())
    return _cut(" ".join(words), LONGEST)


def printable(text: object) -> str:
    r"""A text of any number of lines, with what a terminal would obey written as escapes.

    >>> printable("two\nlines, \x1b[31mred")
    'two\nlines, \\x1b[31mred'
    """
    return OBEYED.sub(_escaped, str(text))


def in_line(text: object) -> str:
    r"""A name or text within a line: line breaks are escapes as well.

    >>> in_line("two\nlines")
    'two\\nlines'
    """
    return ODD.sub(_escaped, str(text))


def note(text: str) -> None:
    """One line for the person on standard error; control characters are escaped."""
    print(f"note: {in_line(text)}", file=sys.stderr, flush=True)


def _escaped(match: "re.Match[str]") -> str:
    return match[0].encode("unicode_escape").decode()


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 60]}...{text[-57:]}"


class ZooError(Exception):
    """Base class of all errors that a user can correct; the message is made one line."""

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line_of(message))


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
        print(f"zoo: {error}", file=sys.stderr)
        raise SystemExit(2) from None
