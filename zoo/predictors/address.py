"""An input of a predictor at an http or https address: its bytes, within limits, kept nowhere.

Proof: tests/predictors/test_address.py.
"""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from zoo.download import CHUNK, TIMEOUT, SafeRedirect
from zoo.errors import BadFile, Missing, ZooError

SLOWEST, GRACE = 4096, 10.0  # bytes a second at least, from so many seconds on
PATIENCE = 300.0  # seconds in which all of it must be there


def received(url: str, what: str, most: int) -> bytes:
    """The bytes at an address.

    Args:
        what: is expected, for messages: "an image".
        most: bytes.

    Raises:
        Missing: if the address cannot be reached.
        BadFile: for more bytes, fewer than 4 kB a second, more than five minutes, a connection that
            breaks, or a redirection from https to http or to another kind of address.
    """
    opener = urllib.request.build_opener(SafeRedirect)
    began = time.monotonic()
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "zoo"})
        with opener.open(request, timeout=TIMEOUT) as response:
            return b"".join(_in_time(response, url, what, most, began))
    except urllib.error.HTTPError as error:
        error.close()
        raise Missing(f"cannot read {url}: HTTP {error.code} {error.reason}") from error
    except ZooError:
        raise
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise Missing(
            f"cannot read {url}: {reason}; expected {what}, a file will do too"
        ) from error


def _in_time(
    response: http.client.HTTPResponse, url: str, what: str, most: int, began: float
) -> Iterator[bytes]:
    """What arrives, as long as it is neither too much nor too slow."""
    have, length = 0, response.headers.get("Content-Length")
    while chunk := response.read1(CHUNK):
        have, seconds = have + len(chunk), time.monotonic() - began
        if have > most:
            raise BadFile(f"{url} gives more than {most:,} bytes; expected {what}")
        if seconds > PATIENCE or (seconds > GRACE and have < SLOWEST * seconds):
            raise BadFile(
                f"{url} is too slow: {have:,} bytes in {seconds:.0f} s; download it first"
            )
        yield chunk
    if length and length.isdigit() and have < int(length):
        raise BadFile(f"{url}: the connection ended after {have:,} of {int(length):,} bytes")
