"""Linear-chain conditional random field. Lafferty, McCallum & Pereira 2001; Lample et al. 2016.

A sequence of tags y has the score s(y) = a[y_1] + sum_t e_t[y_t] + sum_t A[y_t, y_t+1] + b[y_T] and
the probability exp(s(y)) / Z (Lample et al. 2016, arXiv:1603.01360, sec. 2.2). All sums over
sequences are recursions in log space: T steps of K^2 instead of K^T terms.

Sentences are padded on the right only, and their lengths (integers) are given.
Deviations: Lample et al. add a start and an end tag to A; here a and b are their row and column.
Proof: tests/nn/sequence/test_crf.py (brute force over all sequences, pytorch-crf).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

NEVER = -1e4  # added to what is forbidden; exp(-1e4) is 0 and no -inf can become NaN


class CRF(nn.Module):
    """Scores a, A and b of K tags, and what follows from them for emissions e (N, T, K).

    >>> crf = CRF(3)
    >>> e, lengths = torch.randn(2, 4, 3), torch.tensor([4, 2])
    >>> crf.viterbi(e, lengths)[1].shape
    torch.Size([2, 4])

    Args:
        learn: if not, a, A and b stay 0, and each tag is chosen by itself: a softmax.
    """

    forbidden: Tensor

    def __init__(self, tags: int, learn: bool = True) -> None:
        super().__init__()
        self.learn = learn
        if learn:
            self.transitions = nn.Parameter(torch.empty(tags, tags).uniform_(-0.1, 0.1))
            self.start = nn.Parameter(torch.empty(tags).uniform_(-0.1, 0.1))
            self.end = nn.Parameter(torch.empty(tags).uniform_(-0.1, 0.1))
        self.register_buffer("forbidden", torch.zeros(tags + 1, tags, dtype=torch.bool))

    def forbid(self, table: Sequence[Sequence[bool]]) -> None:
        """Set which tag cannot follow which: (K + 1, K), the last row for the beginning."""
        new = torch.tensor(table, dtype=torch.bool, device=self.forbidden.device)
        if new.shape != self.forbidden.shape:
            got, expected = tuple(new.shape), tuple(self.forbidden.shape)
            raise ValueError(f"the table of what is forbidden must be {expected}, got {got}")
        self.forbidden.copy_(new)

    def scores(self, e: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The scores a (K,), A (K, K) and b (K,) with what is forbidden, in the dtype of ``e``."""
        never = self.forbidden.to(e.dtype) * NEVER
        if not self.learn:
            return never[-1], never[:-1], e.new_zeros(len(never) - 1)
        return self.start + never[-1], self.transitions + never[:-1], self.end

    def score(self, e: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """s(y) of the tags (N, T) of each sentence: (N,). Padding is ignored."""
        a, A, b = self.scores(e)
        inside = positions(e) < lengths[:, None]  # (N, T)
        tags = tags * inside
        emitted = e.gather(2, tags[:, :, None]).squeeze(2)
        moved = A[tags[:, :-1], tags[:, 1:]]
        last = tags.gather(1, lengths[:, None] - 1).squeeze(1)
        total = (emitted * inside).sum(1) + (moved * inside[:, 1:]).sum(1)
        return total + a[tags[:, 0]] + b[last]

    def forward_scores(self, e: Tensor) -> Tensor:
        """The alpha (N, T, K): log sum of exp s over all beginnings that end in tag k at word t.

        Nothing of it depends on words to the right, so that padding needs no mask here.
        """
        a, A, _ = self.scores(e)
        alpha = [a + e[:, 0]]
        for t in range(1, e.shape[1]):
            alpha.append(torch.logsumexp(alpha[-1][:, :, None] + A, 1) + e[:, t])
        return torch.stack(alpha, 1)

    def backward_scores(self, e: Tensor, lengths: Tensor) -> Tensor:
        """The beta (N, T, K): log sum of exp s over all that may follow tag k at word t."""
        _, A, b = self.scores(e)
        last = b.expand(len(e), -1)
        beta = [last]
        for t in range(e.shape[1] - 2, -1, -1):
            onward = torch.logsumexp(A + (e[:, t + 1] + beta[-1])[:, None, :], 2)
            beta.append(torch.where((t < lengths - 1)[:, None], onward, last))
        return torch.stack(beta[::-1], 1)

    def log_z(self, e: Tensor, lengths: Tensor, alpha: Tensor | None = None) -> Tensor:
        """Log of the sum of exp s(y) over all sequences: (N,)."""
        _, _, b = self.scores(e)
        alpha = self.forward_scores(e) if alpha is None else alpha
        rows = torch.arange(len(e), device=e.device)
        return torch.logsumexp(alpha[rows, lengths - 1] + b, 1)

    def nll(self, e: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """-log P(y) of each sentence: (N,).

        Raises:
            ValueError: for shapes that do not go together or a sentence without words.
        """
        check(e, lengths)
        if tags.shape != e.shape[:2]:
            raise ValueError(f"tags must be {tuple(e.shape[:2])}, got {tuple(tags.shape)}")
        return self.log_z(e, lengths) - self.score(e, tags, lengths)

    def marginals(self, e: Tensor, lengths: Tensor) -> Tensor:
        """The log P(y_t = k) of each word (N, T, K); undefined in the padding."""
        check(e, lengths)
        alpha = self.forward_scores(e)
        z = self.log_z(e, lengths, alpha)
        return alpha + self.backward_scores(e, lengths) - z[:, None, None]

    def viterbi(self, e: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The best sequence of each sentence: its score (N,) and tags (N, T), 0 in the padding."""
        check(e, lengths)
        a, A, b = self.scores(e)
        best, backpointers = [a + e[:, 0]], []
        for t in range(1, e.shape[1]):
            value, before = (best[-1][:, :, None] + A).max(1)
            best.append(value + e[:, t])
            backpointers.append(before)
        rows = torch.arange(len(e), device=e.device)
        score, tag = (torch.stack(best, 1)[rows, lengths - 1] + b).max(1)
        path = [tag]
        for t in range(e.shape[1] - 2, -1, -1):
            step = backpointers[t].gather(1, path[-1][:, None]).squeeze(1)
            path.append(torch.where(t < lengths - 1, step, tag))
        tags = torch.stack(path[::-1], 1)
        return score, tags * (positions(e) < lengths[:, None])


class Lattice:
    """alpha, beta and log Z of N sentences: the probability of any piece of them.

    Args:
        e: emissions (N, T, K).
        tags: (N, T) a sequence of each sentence, pieces of which are asked for.
        lengths: (N,).
    """

    def __init__(self, crf: CRF, e: Tensor, tags: Tensor, lengths: Tensor) -> None:
        check(e, lengths)
        e = e.double()  # pieces are differences of sums over whole sentences
        self.e, self.transitions = e, crf.scores(e)[1]
        self.alpha, self.beta = crf.forward_scores(e), crf.backward_scores(e, lengths)
        self.z = crf.log_z(e, lengths, self.alpha)
        self.tags = tags
        emitted = e.gather(2, tags[:, :, None]).squeeze(2)
        moved = self.transitions[tags[:, :-1], tags[:, 1:]]
        after = (emitted[:, 1:] + moved).cumsum(1)
        self.path = torch.cat([e.new_zeros(len(e), 1), after], 1)  # (N, T), after the first word

    def log_p(self, rows: Tensor, first: Tensor, last: Tensor) -> Tensor:
        """The log P(the words ``first`` to ``last`` have their tags), whatever the others have.

        Args:
            rows, first, last: (M,) sentences, and first and last word of a piece of each.
        """
        return self._until(rows, first, last) + self.beta[rows, last, self.tags[rows, last]]

    def continued(self, rows: Tensor, first: Tensor, last: Tensor, then: Tensor) -> Tensor:
        """The log P(the same, and the word after ``last`` has the tag ``then`` (M,))."""
        moved = self.transitions[self.tags[rows, last], then] + self.e[rows, last + 1, then]
        return self._until(rows, first, last) + moved + self.beta[rows, last + 1, then]

    def _until(self, rows: Tensor, first: Tensor, last: Tensor) -> Tensor:
        """Log of the sum of exp s over all beginnings that end with the piece, over Z."""
        inside = self.path[rows, last] - self.path[rows, first]
        return self.alpha[rows, first, self.tags[rows, first]] - self.z[rows] + inside


def positions(e: Tensor) -> Tensor:
    """0..T-1 as (1, T)."""
    return torch.arange(e.shape[1], device=e.device)[None]


def check(e: Tensor, lengths: Tensor) -> None:
    """Refuse lengths that do not go with emissions (N, T, K).

    Raises:
        ValueError: likewise.
    """
    if e.dim() != 3 or lengths.shape != e.shape[:1]:
        got = f"{tuple(e.shape)} and {tuple(lengths.shape)}"
        raise ValueError(f"emissions and lengths must be (N, T, K) and (N,), got {got}")
    if lengths.is_floating_point() or lengths.min() < 1 or lengths.max() > e.shape[1]:
        raise ValueError(f"lengths must be integers from 1 to {e.shape[1]}, got {lengths}")
