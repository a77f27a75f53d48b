"""Huffman's code is optimal, whatever way ties are broken."""

import heapq

import numpy as np
import pytest

from zoo.errors import BadInput
from zoo.ops.huffman import huffman

COUNTS = [
    [3, 1],
    [1] * 9,
    [2**n for n in range(12, 0, -1)],
    sorted(np.random.RandomState(0).zipf(1.5, 300).clip(1, 10**6).tolist(), reverse=True),
]


def cheapest(counts):
    """Bits of the best code: the sum of all merged weights."""
    heap, cost = list(counts), 0
    heapq.heapify(heap)
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        cost += both
        heapq.heappush(heap, both)
    return cost


@pytest.mark.parametrize("counts", COUNTS)
def test_the_code_is_optimal_and_complete(counts):
    paths = huffman(np.array(counts))
    assert int((paths.lengths * np.array(counts)).sum()) == cheapest(counts)
    assert abs((0.5**paths.lengths).sum() - 1) < 1e-12  # Kraft


@pytest.mark.parametrize("counts", COUNTS)
def test_points_are_the_nodes_of_one_tree(counts):
    paths = huffman(np.array(counts))
    child = {}
    for word in range(len(counts)):
        way = slice(paths.starts[word], paths.starts[word + 1])
        points, codes = paths.points[way].tolist(), paths.codes[way].tolist()
        assert points[0] == len(counts) - 2  # the root
        after = [*points[1:], ("word", word)]
        for node, code, next_one in zip(points, codes, after, strict=True):
            assert child.setdefault((node, code), next_one) == next_one
    assert len(child) == 2 * (len(counts) - 1)


def test_bad_counts_are_refused():
    for counts in ([], [3], [1, 2]):
        with pytest.raises(BadInput, match="two words or more"):
            huffman(np.array(counts))


def test_lengths_cost_what_gensims_do():
    gensim = pytest.importorskip("gensim.models.word2vec")
    text = [[str(n)] * (60 // n) for n in range(1, 30)]
    peer = gensim.Word2Vec(sentences=text, min_count=1, hs=1, negative=0, vector_size=2, epochs=1)
    counts = np.array([peer.wv.get_vecattr(w, "count") for w in peer.wv.index_to_key])
    lengths = [len(peer.wv.get_vecattr(w, "code")) for w in peer.wv.index_to_key]
    assert (huffman(counts).lengths * counts).sum() == (np.array(lengths) * counts).sum()
