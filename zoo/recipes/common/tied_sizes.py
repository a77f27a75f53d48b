"""Arguments of a language model that follow from others: with tied weights two sizes are one.

Tied weights (Press & Wolf 2017) use the table of embeddings as the last layer's weight too, so
``embedding_dim`` is ``hidden_size``; and there is no table for the clusters of ``cutoffs``.
Proof: tests/recipes/common/test_tied_sizes.py.
"""

from collections.abc import Collection
from typing import Any


def tied_sizes(arguments: dict[str, Any], given: Collection[str]) -> dict[str, Any]:
    """The arguments of a language model, with those that were not given following the others.

    Args:
        arguments: of the architecture, among them ``embedding_dim`` and ``hidden_size``.
        given: names of fields that the user has set; these stay as they are.

    >>> sizes = {"embedding_dim": 256, "hidden_size": 32, "tie_weights": True}
    >>> tied_sizes(sizes, ["hidden_size"])
    {'embedding_dim': 32, 'hidden_size': 32, 'tie_weights': True}
    """
    new = dict(arguments)
    if new.get("tie_weights") and new.get("cutoffs"):
        if "tie_weights" not in given:
            new["tie_weights"] = False
        elif "cutoffs" not in given:
            new["cutoffs"] = ()
    if new.get("tie_weights"):
        size, other = "hidden_size", "embedding_dim"
        if other in given and size not in given:
            size, other = other, size
        if other not in given:
            new[other] = new[size]
    return new
