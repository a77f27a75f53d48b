"""Inputs that must be fetched or can be read once only: addresses and open files become bytes.

Proof: tests/predictors/test_at_hand.py.
"""

from typing import Any

from zoo import reading
from zoo.predictors.address import received
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
    if isinstance(raw, str) and raw.lower().startswith(SCHEMES):
        return received(raw, what, most)
    return content(raw, what, most) if isinstance(raw, Readable) else raw
