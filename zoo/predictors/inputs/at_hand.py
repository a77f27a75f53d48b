"""Inputs that must be fetched or can be read once only: addresses and open files become bytes.

Proof: tests/predictors/inputs/test_at_hand.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zoo import reading
from zoo.errors import BadFile
from zoo.predictors.inputs.address import received
from zoo.streams import Readable, content

SCHEMES = ("http://", "https://")


def at_hand(raw: Any, what: str, most: int = reading.PICTURE) -> Any:
    """The bytes at an http or https address, or in an open file; anything else as it is.

    Args:
        what: is expected, for messages: "an image".
        most: bytes.

    Raises:
        Missing: for an address that cannot be reached.
        BadFile: for more bytes, an address that is too slow or redirects to what is not safe, a
            file that cannot be read.
        BadInput: for a file that is open for text.
    """
    if _is_address(raw):
        return received(raw, what, most)
    return content(raw, what, most) if isinstance(raw, Readable) else raw


@contextmanager
def named(raw: Any) -> Iterator[None]:
    """An error in the bytes that came from an address says from which."""
    try:
        yield
    except BadFile as error:
        if _is_address(raw) and raw not in str(error):
            raise BadFile(f"{raw}: {error}") from error
        raise


def _is_address(raw: Any) -> bool:
    return isinstance(raw, str) and raw.lower().startswith(SCHEMES)
