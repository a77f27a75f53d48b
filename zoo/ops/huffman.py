"""Huffman's code of a vocabulary, the tree of hierarchical softmax.

Huffman 1952; Mikolov et al. 2013, arXiv:1310.4546, sec. 2.1. The inner nodes are numbered in the
order in which they are made, so that the root is V - 2; a word's path runs from the root.
Proof: tests/ops/test_huffman.py.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zoo.errors import BadInput

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Paths:
    """The way from the root to every word; word w has entries ``starts[w]:starts[w + 1]``.

    Attributes:
        points: inner nodes passed, int32; each in 0..V-2.
        codes: uint8, 0 or 1: which child is taken there.
        starts: (V + 1,) int64.
    """

    points: Array
    codes: Array
    starts: Array

    @property
    def lengths(self) -> Array:
        """(V,) the length of the path to each word."""
        return np.diff(self.starts)


def huffman(counts: Array) -> Paths:
    """The code in which frequent words have short paths.

    Args:
        counts: (V,) integers, the largest first.

    Two queues, both sorted by themselves: the words from the rarest up, and the nodes as they are
    made. The two lightest of their heads become the next node's children; O(V).

    Raises:
        BadInput: for fewer than two words, or counts that rise.
    """
    size = len(counts)
    if size < 2 or (np.diff(counts) > 0).any():
        raise BadInput(f"a Huffman tree needs two words or more, frequent first, got {size}")
    weight = [int(n) for n in counts] + [0] * (size - 1)
    parent, code = [0] * (2 * size - 1), [0] * (2 * size - 1)
    word, node = size - 1, size  # heads of the queues
    for new in range(size, 2 * size - 1):
        for bit in (0, 1):
            if word >= 0 and (node == new or weight[word] < weight[node]):
                child, word = word, word - 1
            else:
                child, node = node, node + 1
            parent[child], code[child] = new, bit
            weight[new] += weight[child]
    return _paths(size, parent, code)


def _paths(size: int, parent: list[int], code: list[int]) -> Paths:
    points: list[int] = []
    codes: list[int] = []
    starts = [0]
    root = 2 * size - 2
    for word in range(size):
        at, up, bits = word, [], []
        while at != root:
            bits.append(code[at])
            at = parent[at]
            up.append(at - size)
        points += reversed(up)
        codes += reversed(bits)
        starts.append(len(points))
    return Paths(np.array(points, np.int32), np.array(codes, np.uint8), np.array(starts, np.int64))
