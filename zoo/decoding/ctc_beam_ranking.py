"""Ranking the candidates of CTC beam search with a language model and hotwords.

At every frame the search extends K prefixes of each utterance by every label. ``Ranking`` adds the
bonus of ``zoo.decoding.ctc_lm_score.Fusion`` to the scores of all candidates and keeps the K best.
The bonus of hotwords is read from a table of states and labels. The language model is queried
lazily: a word that has not been scored yet counts with an upper bound of its bonus (ln P = 0). When
such a candidate is among the K best, its word is scored and the K best are taken again, until all
words that end in one of them are scored. The result is exact, and few words are scored.
Paper: Hannun et al. 2014, arXiv:1412.5567 (Deep Speech), sec. 2.2.
Notes: course 5, week 3, "Speech recognition".
Proof: tests/decoding/test_ctc_lm_score.py (the plain search in dictionaries, prefix by prefix).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from zoo.decoding.ctc_lm_score import Context, Fusion

Backpointers = list[tuple[Tensor, Tensor]]  # of each frame: parent node (N, K), label (N, K)


class Ranking:
    """The bonus of each prefix in the beam, updated frame by frame.

    Candidates (N, K + K C + 1) are, in this order: the K prefixes as they are; each of them
    extended by each of the C labels that are not the blank; one empty place.

    Args:
        none: (N, K), for its shape and dtype.
        others: the C labels in order.
    """

    def __init__(self, fusion: Fusion, none: Tensor, others: Sequence[int]) -> None:
        n, k = none.shape
        self.fusion, self.others = fusion, torch.tensor(others, dtype=torch.long)
        self.bonus = torch.zeros_like(none)  # (N, K) of the prefixes in the beam
        self.hot_state = torch.full((n, k), fusion.hot.start if fusion.hot else 0)

        ends_word = torch.ones_like(self.others, dtype=torch.bool)  # (C,)
        ends_word = ends_word if fusion.space is None else self.others == fusion.space
        self.column = torch.where(ends_word, ends_word.cumsum(0) - 1, -1)  # (C,) of word_bonus
        self.word_ends = ends_word.nonzero().squeeze(1)  # (W,) places in ``others``
        self.unscored = torch.nan if fusion.lm else 0.0
        self.bound = max(fusion.beta, 0.0) if fusion.lm else 0.0  # a space may end no word: 0
        self.word_bonus = none.new_full((n, k, len(self.word_ends)), self.unscored)
        self.contexts: list[dict[int, Context]] = [{0: fusion.start()} for _ in range(n)]
        self.nodes: list[tuple[list[list[int]], list[list[int]]]] = []  # backpointers as lists

    def choose(self, scores: Tensor, node: Tensor, backpointers: Backpointers) -> Tensor:
        """The K best candidates (N, K) by rank, given their CTC scores (N, K + K C + 1).

        Args:
            node: (N, K) where each prefix of the beam stands among the backpointers.
        """
        bonus = self._candidate_bonus()
        while True:
            best = (scores + bonus).topk(self.bonus.shape[1], 1).indices
            unscored = self._unscored(best) & (scores.gather(1, best) > -torch.inf)
            queries = unscored.nonzero().tolist()
            if not queries:
                self._advance(best, bonus)
                return best
            for n, rank in queries:
                self._score_word(n, int(best[n, rank]), node, backpointers, bonus)

    def _candidate_bonus(self) -> Tensor:
        """The bonus of each candidate (N, K + K C + 1), or its upper bound."""
        n, k = self.bonus.shape
        extended = self.bonus[:, :, None].expand(n, k, len(self.others)).clone()
        extended[:, :, self.word_ends] += self.word_bonus.nan_to_num(nan=self.bound)
        if self.fusion.hot:
            gain = self.fusion.hot.gain.to(extended.dtype)[:, self.others]  # (S, C)
            extended += gain[self.hot_state]
        return torch.cat([self.bonus, extended.flatten(1), self.bonus.new_zeros(n, 1)], 1)

    def _split(self, candidate: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of candidates (N, K): whether they have a new label, their prefix, the label's place."""
        k, c = self.bonus.shape[1], len(self.others)
        place = (candidate - k).clamp(min=0, max=k * c - 1)
        extended = candidate >= k
        return extended, (place // c).where(extended, candidate), place % c

    def _unscored(self, candidate: Tensor) -> Tensor:
        """Which candidates (N, K) end a word that the language model has not scored yet."""
        extended, prefix, place = self._split(candidate)
        column = self.column[place]
        index = prefix * len(self.word_ends) + column.clamp(min=0)
        return extended & (column >= 0) & self.word_bonus.flatten(1).gather(1, index).isnan()

    def _score_word(
        self, n: int, candidate: int, node: Tensor, backpointers: Backpointers, bonus: Tensor
    ) -> None:
        """Score the word that one candidate ends, and correct its bonus."""
        index, label_place = self._split(torch.tensor(candidate))[1:]
        prefix, place = int(index), int(label_place)
        context = self._context(n, int(node[n, prefix]), backpointers)
        word_bonus = self.fusion.follow(context, int(self.others[place]))[1]
        self.word_bonus[n, prefix, self.column[place]] = word_bonus
        bonus[n, candidate] += word_bonus - self.bound

    def _context(self, n: int, node: int, backpointers: Backpointers) -> Context:
        """The language model's state and the unfinished word of a prefix, by its node."""
        for parents, labels in backpointers[len(self.nodes) :]:
            self.nodes.append((parents.tolist(), labels.tolist()))
        known, path, k = self.contexts[n], [], self.bonus.shape[1]
        while node not in known:
            t, place = divmod(node - 1, k)
            path.append((node, self.nodes[t][1][n][place]))
            node = self.nodes[t][0][n][place]
        for child, label in reversed(path):
            known[child] = self.fusion.follow(known[node], label)[0]
            node = child
        return known[node]

    def _advance(self, best: Tensor, bonus: Tensor) -> None:
        """Keep the state of the chosen candidates for the next frame."""
        extended, prefix, place = self._split(best)
        self.bonus = bonus.gather(1, best)
        rows = prefix[:, :, None].expand(-1, -1, len(self.word_ends))
        word_bonus = self.word_bonus.gather(1, rows)
        self.word_bonus = word_bonus.masked_fill(extended[:, :, None], self.unscored)
        if self.fusion.hot:
            state = self.hot_state.gather(1, prefix)
            after = self.fusion.hot.next[state, self.others[place]]
            self.hot_state = after.where(extended, state)
