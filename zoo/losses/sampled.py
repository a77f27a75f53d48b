"""The two substitutes for a softmax over all words: negative sampling, hierarchical softmax.

Mikolov et al. 2013, arXiv:1310.4546, eq. 4 and eq. 3. Notes: course 5, week 2, "Negative
sampling". Proof: tests/losses/test_sampled.py.
"""

import torch.nn.functional as F
from torch import Tensor


def negative_sampling(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """-log sigmoid(s_0) - sum over k of log sigmoid(-s_k), (N, 1 + K) -> (N,).

    Args:
        scores: of the right word, then of K drawn ones.
        mask: (N, 1 + K) False for a drawn word that does not count, as the right word itself.
    """
    signs = scores.new_ones(scores.shape[-1]).neg()
    signs[0] = 1
    losses = -F.logsigmoid(signs * scores)
    return (losses if mask is None else losses * mask).sum(-1)


def hierarchical_softmax(scores: Tensor, codes: Tensor, mask: Tensor | None = None) -> Tensor:
    """-log P(word), the sum over its path of -log sigmoid(+-score): (N, L) -> (N,).

    Args:
        scores: of the inner nodes on the path.
        codes: (N, L) 0 or 1; 0 is the child that sigmoid(score) speaks for.
        mask: (N, L) False where a shorter path has ended.
    """
    losses = -F.logsigmoid((1 - 2 * codes.to(scores.dtype)) * scores)
    return (losses if mask is None else losses * mask).sum(-1)
