"""An input of a predictor at an http or https address: its bytes, within limits, kept nowhere.

The limits are those of every download (zoo/download_limits.py), with a shorter time.
Proof: tests/predictors/inputs/test_address.py.
"""

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator

from zoo.download import CHUNK, answer
from zoo.download_limits import Pace, TooSlow
from zoo.errors import BadFile, Missing, ZooError

PATIENCE = 300.0  # seconds in which all of it must be there


def received(url: str, what: str, most: int) -> bytes:
    """The bytes at an address.

    Args:
        what: is expected, for messages: "an image".
        most: bytes.

    Raises:
        Missing: if the address cannot be reached.
        BadFile: for more bytes, too few a second, more than five minutes, a connection that breaks,
            or a redirection from https to http or to another kind of address.
    """
    pace = Pace(PATIENCE)
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "zoo"})
        with answer(request, pace) as response:
            pace.begin()
            return b"".join(_arriving(response, url, what, most, pace))
    except ZooError:
        raise
    except TooSlow as error:
        raise BadFile(f"{url} is too slow: {error}; fetch it first") from error
    except urllib.error.HTTPError as error:
        error.close()
        raise Missing(f"cannot read {url}: HTTP {error.code} {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise Missing(
            f"cannot read {url}: {reason}; expected {what}, a file will do too"
        ) from error


def _arriving(
    response: http.client.HTTPResponse, url: str, what: str, most: int, pace: Pace
) -> Iterator[bytes]:
    """What arrives, as long as it is neither too much nor too slow."""
    have, length = 0, response.headers.get("Content-Length")
    while chunk := response.read1(CHUNK):
        have += len(chunk)
        if have > most:
            raise BadFile(f"{url} gives more than {most:,} bytes; expected {what}")
        pace.received(len(chunk))
        yield chunk
    if length and length.isdecimal() and have < int(length):
        raise BadFile(f"{url}: the connection ended after {have:,} of {int(length):,} bytes")
