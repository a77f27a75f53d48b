"""Which prefixes of CTC's beam search come first, with a language model and hotwords.

``Ranking`` adds what ``zoo.decoding.ctc_fusion.Fusion`` says to the candidates of all utterances at
once. The hotwords are a table of states and labels. The language model is asked only about words
that would end in one of the K best prefixes: until then a word's ln P is taken as 0, the most it
can be; those that come among the best so are asked about, and the best are found again, until all
of them are known. Nothing is missed, and few words are looked up.
Paper: Hannun et al. 2014, arXiv:1412.5567 (Deep Speech), sec. 2.2.
Notes: course 5, week 3, "Speech recognition".
Proof: tests/decoding/test_ctc_fusion.py (the plain search in dictionaries, prefix by prefix).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from zoo.decoding.ctc_fusion import Context, Fusion

History = list[tuple[Tensor, Tensor]]  # of each frame: entry before (N, K), label (N, K)


class Ranking:
    """What the prefixes of a search are worth besides their sums, frame after frame.

    Candidates are K prefixes as they are, K C with one more label, in order of prefix and label,
    and one place for nothing; C counts the labels but the blank.

    Args:
        none: (N, K), for its shape and type.
        others: the C labels in order.
    """

    def __init__(self, fusion: Fusion, none: Tensor, others: Sequence[int]) -> None:
        n, k = none.shape
        self.fusion, self.others = fusion, torch.tensor(others, dtype=torch.long)
        self.worth = torch.zeros_like(none)  # (N, K) of the prefixes so far
        self.spelling = torch.full((n, k), fusion.hot.start if fusion.hot else 0)  # hotwords' state

        ends = torch.ones_like(self.others, dtype=torch.bool)  # which labels end a word
        ends = ends if fusion.space is None else self.others == fusion.space
        self.column = torch.where(ends, ends.cumsum(0) - 1, -1)  # (C,) of ``word``
        self.ends = ends.nonzero().squeeze(1)  # (W,)
        self.unasked = torch.nan if fusion.lm else 0.0
        self.most = max(fusion.beta, 0.0) if fusion.lm else 0.0  # a space may end no word: 0
        self.word = none.new_full((n, k, len(self.ends)), self.unasked)  # if that label follows
        self.contexts: list[dict[int, Context]] = [{0: fusion.start()} for _ in range(n)]
        self.entries: list[tuple[list[list[int]], list[list[int]]]] = []  # the history as lists

    def choose(self, sums: Tensor, node: Tensor, history: History) -> Tensor:
        """The K best candidates (N, K) by rank, given their sums (N, K + K C + 1).

        Args:
            node: (N, K) the prefixes' entries in the history.
        """
        extra = self._extra()
        while True:
            best = (sums + extra).topk(self.worth.shape[1], 1).indices
            unknown = self._unknown(best) & (sums.gather(1, best) > -torch.inf)
            asked = unknown.nonzero().tolist()
            if not asked:
                self._advance(best, extra)
                return best
            for n, at in asked:
                self._ask(n, int(best[n, at]), node, history, extra)

    def _extra(self) -> Tensor:
        """What each candidate is worth, (N, K + K C + 1); the most it can be if not yet asked."""
        n, k = self.worth.shape
        longer = self.worth[:, :, None].expand(n, k, len(self.others)).clone()
        longer[:, :, self.ends] += self.word.nan_to_num(nan=self.most)
        if self.fusion.hot:
            gain = self.fusion.hot.gain.to(longer.dtype)[:, self.others]  # (S, C)
            longer += gain[self.spelling]
        return torch.cat([self.worth, longer.flatten(1), self.worth.new_zeros(n, 1)], 1)

    def _split(self, best: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of candidates (N, K): whether they have a new label, their prefix, the label's place."""
        k, c = self.worth.shape[1], len(self.others)
        at = (best - k).clamp(min=0, max=k * c - 1)
        longer = best >= k
        return longer, (at // c).where(longer, best), at % c

    def _unknown(self, best: Tensor) -> Tensor:
        longer, source, place = self._split(best)
        column = self.column[place]
        at = source * len(self.ends) + column.clamp(min=0)
        return longer & (column >= 0) & self.word.flatten(1).gather(1, at).isnan()

    def _ask(self, n: int, best: int, node: Tensor, history: History, extra: Tensor) -> None:
        """Look up the word that one candidate ends."""
        prefix, rank = self._split(torch.tensor(best))[1:]
        source, place = int(prefix), int(rank)
        context = self._context(n, int(node[n, source]), history)
        worth = self.fusion.follow(context, int(self.others[place]))[1]
        self.word[n, source, self.column[place]] = worth
        extra[n, best] += worth - self.most

    def _context(self, n: int, node: int, history: History) -> Context:
        """What the language model and the word so far are at an entry of the history."""
        for before, labels in history[len(self.entries) :]:
            self.entries.append((before.tolist(), labels.tolist()))
        known, path, k = self.contexts[n], [], self.worth.shape[1]
        while node not in known:
            t, at = divmod(node - 1, k)
            path.append((node, self.entries[t][1][n][at]))
            node = self.entries[t][0][n][at]
        for entry, label in reversed(path):
            known[entry] = self.fusion.follow(known[node], label)[0]
            node = entry
        return known[node]

    def _advance(self, best: Tensor, extra: Tensor) -> None:
        """Go on with the chosen candidates."""
        longer, source, place = self._split(best)
        self.worth = extra.gather(1, best)
        rows = source[:, :, None].expand(-1, -1, len(self.ends))
        self.word = self.word.gather(1, rows).masked_fill(longer[:, :, None], self.unasked)
        if self.fusion.hot:
            state = self.spelling.gather(1, source)
            after = self.fusion.hot.next[state, self.others[place]]
            self.spelling = after.where(longer, state)
