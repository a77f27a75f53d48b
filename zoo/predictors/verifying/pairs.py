"""Inputs two by two: each is looked at once, however many pairs it is in.

Proof: tests/predictors/verifying/test_pairs.py.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zoo.errors import ZooError

Pair = tuple[Any, Any]  # of raw inputs


def each_pair(
    pairs: Sequence[Pair],
    look: Callable[[Sequence[Any]], Sequence[Any]],
    compare: Callable[[Sequence[Sequence[Any]]], Sequence[Any]],
) -> list[Any]:
    """The result for each pair, or the error of its first input that cannot be used.

    Args:
        look: different raw inputs to what is known of each, or its ``ZooError``.
        compare: pairs of what is known to their results.
    """
    places: dict[Any, int] = {}
    raws: list[Any] = []
    for raw in (one for pair in pairs for one in pair):
        if places.setdefault(_key(raw), len(raws)) == len(raws):
            raws.append(raw)
    found = look(raws)
    results: list[Any] = []
    for pair in pairs:
        sides = [found[places[_key(raw)]] for raw in pair]
        errors = [side for side in sides if isinstance(side, ZooError)]
        results.append(errors[0] if errors else sides)
    whole = iter(compare([one for one in results if isinstance(one, list)]))
    return [next(whole) if isinstance(one, list) else one for one in results]


def _key(raw: Any) -> Any:
    """What two raw inputs that are the same have in common."""
    return str(raw) if isinstance(raw, str | Path) else id(raw)
