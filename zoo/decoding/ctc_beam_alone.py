"""CTC prefix beam search of one utterance: the step of ctc_beam_step.py in numpy's small arrays.

One utterance alone has 50 prefixes in a frame, and there torch's time goes by the number of calls:
numpy's cost a quarter. What is searched is the same (zoo/decoding/ctc_beam.py), with one more short
cut that changes no result: the K prefixes of a full beam stay candidates, so a new one that is not
above the least of them cannot be among the K best. In a frame that is surely blank there is none.
Sums are held in float64. With a language model and hotwords prefixes are ranked by sum and bonus;
a word counts with an upper bound until it is among the K best, as in ctc_beam_ranking.py.
Paper: Hannun et al. 2014, arXiv:1408.2873, algorithm 1. Notes: course 5, week 3.
Proof: tests/decoding/test_ctc_beam.py (brute force over all paths; the dictionaries; batches),
tests/decoding/test_ctc_lm_score.py.
"""

from typing import Any, NamedTuple

import numpy as np

from zoo.decoding.ctc_lm_score import Context, Fusion

NEVER = -np.inf
MULTIPLIER, INCREMENT = np.uint64(6364136223846793005), np.uint64(1442695040888963407)  # Knuth's
SHIFT = np.uint64(29)
Array = Any  # numpy's


class Beam(NamedTuple):
    """At most K prefixes, in no order.

    Attributes:
        total, blank, label: (k,) ln of the sum over the paths of each; over those that end in a
            blank; over those that end in its last label.
        last: (k,) its last label, the blank for the empty prefix.
        key, stem: (k,) hash of it, and of it without its last label.
        node: (k,) its place among the backpointers.
        bonus: (k,) of the fusion.
        hot: (k,) state of the hotwords.
    """

    total: Array
    blank: Array
    label: Array
    last: Array
    key: Array
    stem: Array
    node: Array
    bonus: Array
    hot: Array


def search_alone(
    log_p: Array, beam: int, blank: int, n_best: int, fusion: Fusion | None = None
) -> list[tuple[tuple[int, ...], float]]:
    """The ``n_best`` labellings of one utterance (T, V) and their ln p, the likeliest first.

    Args:
        fusion: what prefixes are ranked by, too; not added to ln p.
    """
    search = Search(beam, blank, log_p.shape[1], fusion or Fusion([""] * log_p.shape[1]))
    others = np.delete(log_p, blank, 1).max(1)
    for frame, likeliest in zip(log_p, others, strict=True):
        search.step(frame, likeliest)
    return search.best(n_best)


class Search:
    """The beam of one utterance, frame by frame, and its backpointers."""

    def __init__(self, beam: int, blank: int, classes: int, fusion: Fusion) -> None:
        self.most, self.blank, self.classes, self.fusion = beam, blank, classes, fusion
        zero, key, first = np.zeros(1), np.array([INCREMENT]), np.zeros(1, np.int64)
        hot = fusion.hot
        self.gain = hot.gain.double().numpy() if hot else np.zeros((1, classes))  # (S, V)
        self.next = hot.next.numpy() if hot else np.zeros((1, classes), np.int64)
        self.ends = np.zeros(classes, bool)  # (V,) whether a label ends a word that is scored
        if fusion.lm:
            self.ends[slice(None) if fusion.space is None else fusion.space] = True
        self.bound = np.where(self.ends, max(fusion.beta, 0.0), 0.0)  # ln P is at most 0
        self.most_bonus = float((self.gain + self.bound).max())
        self.contexts = {0: fusion.start()}
        state = first + (hot.start if hot else 0)
        self.beam = Beam(zero, zero, zero + NEVER, first + blank, key, key * 0, first, zero, state)
        self.parents, self.labels = [np.array([-1])], [np.array([blank])]
        self.nodes, self.read = 1, 0
        self.known: tuple[list[int], list[int]] = [], []  # the backpointers that were read

    def step(self, log_p: Array, likeliest: float) -> None:
        """One more frame (V,), and the largest ln p in it of a label that is not the blank."""
        old = self.beam
        repeated = log_p[old.last]  # ln p of the last label in this frame
        parent, in_beam = self._parents()
        blank = old.total + log_p[self.blank]
        repeats = old.last[parent] == old.last
        before = np.where(repeats, old.blank[parent], old.total[parent])  # a repeat needs a blank
        before[~in_beam] = NEVER
        label = np.logaddexp(old.label, before) + repeated
        total = np.logaddexp(blank, label)
        self.beam = old._replace(total=total, blank=blank, label=label)
        least = (total + old.bonus).min() if len(total) == self.most else NEVER
        if likeliest + (old.total + old.bonus).max() + self.most_bonus > least:
            new = old.total[:, None] + log_p  # (k, V)
            new[np.arange(len(new)), old.last] = old.blank + repeated
            new[parent[in_beam], old.last[in_beam]] = NEVER  # counted in ``label``
            new[:, self.blank] = NEVER
            self._extend(old, new.ravel(), least)

    def best(self, count: int) -> list[tuple[tuple[int, ...], float]]:
        """The likeliest labellings and their ln p."""
        found = []
        for at in (-self.beam.total).argsort(kind="stable")[:count].tolist():
            path, node = [], int(self.beam.node[at])
            while node > 0:
                node, label = self._backpointer(node)
                path.append(label)
            found.append((tuple(path[::-1]), float(self.beam.total[at])))
        return found

    def _parents(self) -> tuple[Array, Array]:
        """Where each prefix without its last label stands in the beam (k,), and if it does."""
        key, stem = self.beam.key, self.beam.stem
        order = key.argsort()
        at = key.searchsorted(stem, sorter=order)
        parent = order.take(at, mode="clip")
        return parent, key[parent] == stem

    def _extend(self, old: Beam, new: Array, least: float) -> None:
        """Keep the K best of the prefixes in the beam and of the ``new`` ones (k V,)."""
        stay, kept = self.beam, len(self.beam.total)
        bonus = (old.bonus[:, None] + self.gain[old.hot] + self.bound).ravel()  # or its bound
        above = np.flatnonzero(new + bonus > least)
        best = self._best(old, stay.total + stay.bonus, new, bonus, above)
        stays, chosen = best[best < kept], above[best[best >= kept] - kept]
        source, labels = np.divmod(chosen, self.classes)
        stem = old.key[source]
        key = (stem ^ (stem >> SHIFT)) * MULTIPLIER + labels.astype(np.uint64) * INCREMENT
        self.parents.append(old.node[source])
        self.labels.append(labels)
        node = np.arange(self.nodes, self.nodes + len(chosen))
        self.nodes += len(chosen)
        score, never, hot = (
            new[chosen],
            np.full(len(chosen), NEVER),
            self.next[old.hot[source], labels],
        )
        added = Beam(score, never, score, labels, key, stem, node, bonus[chosen], hot)
        self.beam = Beam(*(np.concatenate([a[stays], b]) for a, b in zip(stay, added, strict=True)))

    def _best(self, old: Beam, scores: Array, new: Array, bonus: Array, above: Array) -> Array:
        """Places of the K best among the scores (k,) and the new prefixes ``above`` (m,).

        Words among the best are scored, and ``bonus`` corrected, until none of them is a bound.
        """
        unscored = np.concatenate([np.zeros(len(scores), bool), self.ends[above % self.classes]])
        while True:
            ranks = np.concatenate([scores, new[above] + bonus[above]])
            best = np.arange(len(ranks))
            if len(ranks) > self.most:
                best = np.argpartition(ranks, -self.most)[-self.most :]
            queries = best[unscored[best]]
            if not len(queries):
                return best
            unscored[queries] = False
            for place in above[queries - len(scores)].tolist():
                source, label = divmod(place, self.classes)
                context = self._context(int(old.node[source]))
                bonus[place] += self.fusion.follow(context, label)[1] - self.bound[label]

    def _context(self, node: int) -> Context:
        """The language model's state and the unfinished word of a prefix, by its node."""
        path = []
        while node not in self.contexts:
            path.append(node)
            node = self._backpointer(node)[0]
        for child in reversed(path):
            context = self.fusion.follow(self.contexts[node], self._backpointer(child)[1])[0]
            self.contexts[child] = context
            node = child
        return self.contexts[node]

    def _backpointer(self, node: int) -> tuple[int, int]:
        """The parent of a prefix, and its last label."""
        if node >= len(self.known[0]):
            for known, arrays in zip(self.known, (self.parents, self.labels), strict=True):
                for array in arrays[self.read :]:
                    known.extend(array.tolist())
            self.read = len(self.parents)
        return self.known[0][node], self.known[1][node]
