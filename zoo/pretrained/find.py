"""Where the weights of a card are on this machine."""

import os
from pathlib import Path

from zoo.cards import Card
from zoo.download import fetch
from zoo.errors import Missing


def cache_folder() -> Path:
    """Downloaded weights: ``$XDG_CACHE_HOME/zoo/weights``, else ``~/.cache/zoo/weights``."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path("~/.cache").expanduser()) / "zoo" / "weights"


def find(card: Card) -> Path:
    """The file of a card: beside it, else in the cache, else downloaded into the cache.

    The cache is keyed by hash, so two files of one name cannot be taken for each other.

    Raises:
        Missing: if it is nowhere and the card has no address, or there is no network.
    """
    if card.folder is not None and (beside := card.folder / card.file).is_file():
        return beside
    if card.url is None:
        raise Missing(
            f"the weights of {card.name} are missing: expected {card.file} in {card.folder}; "
            f"zoo reproduce {card.recipe} trains them again"
        )
    return fetch(
        card.url, cache_folder() / card.sha256[:16] / card.file, card.sha256, size=card.bytes
    )
