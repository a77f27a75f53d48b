"""Counting word pairs in a hash table, compiled; imported late, because numba takes a while.

A pair of words is one integer, whose hash is both its slot and its place in the order of the
result. Empty slots have a count of zero. Used by zoo/data/text/cooccurrence.py.
Proof: tests/data/text/test_cooccurrence.py.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.ops.compiled import kernel

U = np.uint64
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # odd, so that they can be undone
Table = NDArray[np.uint64]  # (2^k, 2): mixed pair, count


@kernel(nogil=True)
def mixed(pair: Any) -> Any:
    """A permutation of the 64-bit integers that scatters neighbours (splitmix64)."""
    pair = (pair ^ (pair >> U(30))) * U(FIRST)
    pair = (pair ^ (pair >> U(27))) * U(SECOND)
    return pair ^ (pair >> U(31))


def unmixed(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The pairs (n,) of which ``mixed`` made these keys."""
    pairs = keys
    for shift, factor in ((31, SECOND), (27, FIRST), (30, 1)):
        pairs = pairs ^ (pairs >> U(shift)) ^ (pairs >> U(2 * shift))  # 3 shifts reach past 64 bits
        pairs = pairs * U(pow(factor, -1, 1 << 64))
    return pairs


@kernel(nogil=True)
def add(table: Table, shift: int, key: Any, count: Any) -> int:
    """Add ``count`` to ``key``; 1 if the key is new. There must be an empty slot."""
    slot = key >> U(shift)
    last = U(table.shape[0] - 1)
    while table[slot, 1] != U(0):
        if table[slot, 0] == key:
            table[slot, 1] += count
            return 0
        slot = (slot + U(1)) & last
    table[slot, 0] = key
    table[slot, 1] = count
    return 1


@kernel(nogil=True)
def count_pairs(
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    start: int,
    parts: NDArray[np.uint64],
    table: Table,
    shift: int,
    used: int,
) -> tuple[int, int]:
    """Count from token ``start`` until the text or the table's room ends.

    Args:
        tokens, offsets: line s is tokens[offsets[s]:offsets[s + 1]].
        parts: (window + 1,) what a pair at each distance counts.
        table, shift: slot = mixed pair >> shift.
        used: slots that are taken; at most 5 of 8 will be.

    Returns:
        the token to go on with, and how many slots are taken now.
    """
    window = parts.shape[0] - 1
    most = table.shape[0] // 8 * 5 - window
    line = np.searchsorted(offsets, start, side="right") - 1
    for here in range(start, offsets[-1]):
        if used > most:
            return here, used
        while offsets[line + 1] <= here:
            line += 1
        word = tokens[here]
        for distance in range(1, min(window, here - offsets[line]) + 1):
            other = tokens[here - distance]
            low, high = min(word, other), max(word, other)
            twice = U(2) if low == high else U(1)  # the one cell of (w, w) is met from both sides
            key = mixed((U(low) << U(32)) | U(high))
            used += add(table, shift, key, twice * parts[distance])
    return offsets[-1], used


@kernel(nogil=True)
def rehash(old: Table, table: Table, shift: int) -> None:
    """Put every pair of ``old`` into the empty, larger ``table``."""
    for slot in range(old.shape[0]):
        if old[slot, 1] != U(0):
            add(table, shift, old[slot, 0], old[slot, 1])


@kernel(nogil=True)
def taken(table: Table, shift: int, used: int) -> NDArray[np.uint64]:
    """The ``used`` mixed pairs of a table, rising, and their counts: (2, used).

    A slot is near the pair's rank, so an insertion sort is nearly one pass; pairs that went round
    the table's end are the largest but stand in its first slots, and come last.
    """
    entries = np.empty((2, used), np.uint64)
    n = 0
    for went_round in (False, True):
        for slot in range(table.shape[0]):
            if table[slot, 1] == U(0):
                if went_round:
                    break
                continue
            if ((table[slot, 0] >> U(shift)) > U(slot)) != went_round:
                continue
            at = n
            while at > 0 and entries[0, at - 1] > table[slot, 0]:
                entries[0, at], entries[1, at] = entries[0, at - 1], entries[1, at - 1]
                at -= 1
            entries[0, at], entries[1, at] = table[slot, 0], table[slot, 1]
            n += 1
    return entries
