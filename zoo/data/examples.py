"""Digests of examples: how one is recognised again, wherever its file lies now.

A run keeps those of all that it learned from, chose on and was tested on, so that a later
evaluation knows which examples were held out. Proof: tests/data/test_examples.py.
"""

import hashlib
from collections.abc import Mapping, Sequence

Digests = tuple[str, ...]  # of one example; of images the file's and the pixels'
Examples = Mapping[str, Sequence[Digests]]  # by part, in its order


def digest(*content: bytes | str) -> str:
    """16 hex digits of the sha256 of some content."""
    sha = hashlib.sha256()
    for one in content:
        sha.update(one.encode(errors="surrogatepass") if isinstance(one, str) else one)
        sha.update(b"\0")
    return sha.hexdigest()[:16]
