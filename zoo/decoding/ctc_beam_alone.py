"""CTC prefix beam search of one utterance: the step of ctc_beam_step.py in numpy's small arrays.

One utterance alone has 50 prefixes in a frame, and there torch's time goes by the number of calls:
numpy's cost a quarter. What is searched is the same (zoo/decoding/ctc_beam.py), with one more short
cut that changes no result: the K prefixes of a full beam stay candidates, so a new one that is not
above the least of them cannot be among the K best. In a frame that is surely blank there is none.
Sums are held in float64.
Paper: Hannun et al. 2014, arXiv:1408.2873, algorithm 1. Notes: course 5, week 3.
Proof: tests/decoding/test_ctc_beam.py (brute force over all paths; the dictionaries; batches).
"""

from typing import Any, NamedTuple

import numpy as np

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
    """

    total: Array
    blank: Array
    label: Array
    last: Array
    key: Array
    stem: Array
    node: Array


def search_alone(
    log_p: Array, beam: int, blank: int, n_best: int
) -> list[tuple[tuple[int, ...], float]]:
    """The ``n_best`` labellings of one utterance (T, V) and their ln p, the likeliest first."""
    search = Search(beam, blank, log_p.shape[1])
    others = np.delete(log_p, blank, 1).max(1)
    for frame, likeliest in zip(log_p, others, strict=True):
        search.step(frame, likeliest)
    return search.best(n_best)


class Search:
    """The beam of one utterance, frame by frame, and its backpointers."""

    def __init__(self, beam: int, blank: int, classes: int) -> None:
        self.most, self.blank, self.classes = beam, blank, classes
        zero, key = np.zeros(1), np.array([INCREMENT])
        self.beam = Beam(
            zero, zero, zero + NEVER, np.array([blank]), key, key * 0, zero.astype(int)
        )
        self.parents, self.labels = [np.array([-1])], [np.array([blank])]
        self.nodes = 1

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
        least = total.min() if len(total) == self.most else NEVER
        if likeliest + old.total.max() > least:
            new = old.total[:, None] + log_p  # (k, V)
            new[np.arange(len(new)), old.last] = old.blank + repeated
            new[parent[in_beam], old.last[in_beam]] = NEVER  # counted in ``label``
            new[:, self.blank] = NEVER
            self._extend(old, new.ravel(), least)

    def best(self, count: int) -> list[tuple[tuple[int, ...], float]]:
        """The likeliest labellings and their ln p."""
        parents, labels = (np.concatenate(side).tolist() for side in (self.parents, self.labels))
        found = []
        for at in (-self.beam.total).argsort(kind="stable")[:count].tolist():
            path, node = [], int(self.beam.node[at])
            while node > 0:
                path.append(labels[node])
                node = parents[node]
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
        above = np.flatnonzero(new > least)
        scores = np.concatenate([stay.total, new[above]])
        best = np.arange(len(scores))
        if len(scores) > self.most:
            best = np.argpartition(scores, -self.most)[-self.most :]
        stays, chosen = best[best < kept], above[best[best >= kept] - kept]
        source, labels = np.divmod(chosen, self.classes)
        stem = old.key[source]
        key = (stem ^ (stem >> SHIFT)) * MULTIPLIER + labels.astype(np.uint64) * INCREMENT
        self.parents.append(old.node[source])
        self.labels.append(labels)
        node = np.arange(self.nodes, self.nodes + len(chosen))
        self.nodes += len(chosen)
        score, never = new[chosen], np.full(len(chosen), NEVER)
        added = Beam(score, never, score, labels, key, stem, node)
        self.beam = Beam(*(np.concatenate([a[stays], b]) for a, b in zip(stay, added, strict=True)))
