"""Both losses are minus logarithms of probabilities, and have the gradients of the papers."""

import math

import numpy as np
import torch

from zoo.losses.sampled import hierarchical_softmax, negative_sampling
from zoo.ops.huffman import huffman


def test_negative_sampling_is_the_closed_formula():
    scores = torch.tensor([[0.3, -1.2, 2.0]], dtype=torch.float64)

    def sigmoid(x):
        return 1 / (1 + math.exp(-x))

    right, first, second = (-math.log(sigmoid(x)) for x in (0.3, 1.2, -2.0))
    assert abs(negative_sampling(scores).item() - (right + first + second)) < 1e-12
    kept = torch.tensor([[True, False, True]])
    assert abs(negative_sampling(scores, kept).item() - (right + second)) < 1e-12


def test_probabilities_of_the_tree_sum_to_one():
    counts = np.array([50, 20, 20, 9, 3, 1, 1])
    paths = huffman(counts)
    nodes = torch.randn(6, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    hidden = torch.randn(5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    total = 0.0
    for word in range(7):
        way = slice(paths.starts[word], paths.starts[word + 1])
        scores = nodes[paths.points[way].astype(np.int64)] @ hidden
        loss = hierarchical_softmax(scores[None], torch.from_numpy(paths.codes[way])[None])
        total += math.exp(-loss.item())
    assert abs(total - 1) < 1e-12


def test_a_path_that_has_ended_adds_nothing():
    scores = torch.tensor([[0.5, -1.0, 9.0]])
    codes = torch.tensor([[0, 1, 1]])
    kept = torch.tensor([[True, True, False]])
    short = hierarchical_softmax(scores[:, :2], codes[:, :2])
    assert torch.equal(hierarchical_softmax(scores, codes, kept), short)


def test_gradients():
    scores = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    codes = torch.tensor([[0, 1, 1, 0]]).expand(3, 4)
    assert torch.autograd.gradcheck(negative_sampling, (scores,))
    assert torch.autograd.gradcheck(lambda s: hierarchical_softmax(s, codes), (scores,))
