"""The weights file of a card on this machine."""

from pathlib import Path

from zoo import files
from zoo.cards import Card
from zoo.download import fetch
from zoo.errors import Missing

SLACK = 1 << 20  # bytes; published sizes are rounded


def find(card: Card) -> Path:
    """The weights file of a card: beside it, else in the cache, else downloaded into the cache.

    The cache is keyed by hash, so files of the same name are not confused. Size and sha256 of
    others' weights are known as far as they are published (``zoo.download.fetch``).

    Raises:
        Missing: if there is no file and the card has no address, or there is no network.
    """
    if card.folder is not None and (beside := card.folder / card.file).is_file():
        return beside
    if card.url is None:
        raise Missing(
            f"the weights of {card.name} are missing: expected {card.file} in {card.folder}; "
            f"zoo reproduce {card.recipe} trains them again"
        )
    return fetch(
        card.url,
        files.cache_folder("weights") / card.sha256[:16] / card.file,
        card.sha256,
        size=None if card.converter else card.bytes,
        most=card.bytes + SLACK if card.converter else None,
    )
