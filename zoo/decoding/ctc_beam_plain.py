"""CTC prefix beam search of one utterance in plain dictionaries: the readable form.

Paper: Hannun et al. 2014, arXiv:1408.2873, algorithm 1; Graves et al. 2006, sec. 3.2.
Notes: course 5, week 3, "Speech recognition" and "Beam search".
The vectorised form is zoo/decoding/ctc_beam.py.
Proof: tests/decoding/test_ctc_beam.py (brute force over all paths).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

Prefix = tuple[int, ...]
NEVER = -math.inf


def prefix_search(
    log_p: Sequence[Sequence[float]],
    beam: int | None = None,
    blank: int = 0,
    bonus: Callable[[Prefix, bool], float] = lambda prefix, done: 0.0,
) -> list[tuple[Prefix, float, float]]:
    """All labellings in the beam: labels, ln of the probability, score; the best first.

    >>> frames = [[math.log(0.6), math.log(0.4)]] * 2
    >>> [(labels, round(math.exp(log_p), 2)) for labels, log_p, _ in prefix_search(frames)]
    [((1,), 0.64), ((), 0.36)]

    Args:
        log_p: T frames of V log-probabilities.
        beam: how many prefixes are kept after each frame; None for all.
        bonus: what is added to ln p of a prefix, or of a whole labelling (True), to rank it.
    """
    beams: dict[Prefix, tuple[float, float]] = {(): (0.0, NEVER)}  # ends in a blank, in its label
    for frame in log_p:
        in_blank: dict[Prefix, list[float]] = defaultdict(list)
        in_label: dict[Prefix, list[float]] = defaultdict(list)
        for prefix, (after_blank, after_label) in beams.items():
            total = add(after_blank, after_label)
            for label, p in enumerate(frame):
                if label == blank:
                    in_blank[prefix].append(total + p)
                elif prefix and label == prefix[-1]:
                    in_label[prefix].append(after_label + p)  # the same label goes on
                    in_label[(*prefix, label)].append(
                        after_blank + p
                    )  # the label twice, after a blank
                else:
                    in_label[(*prefix, label)].append(total + p)
        sums = {x: (add(*in_blank[x]), add(*in_label[x])) for x in {*in_blank, *in_label}}
        beams = dict(_ranked(sums, bonus, done=False)[:beam])
    ranked = _ranked(beams, bonus, done=True)
    return [(x, add(*sums), add(*sums) + bonus(x, True)) for x, sums in ranked]


def _ranked(
    sums: dict[Prefix, tuple[float, float]], bonus: Callable[[Prefix, bool], float], done: bool
) -> list[tuple[Prefix, tuple[float, float]]]:
    """The prefixes of positive probability, the best first."""
    possible = ((x, pair) for x, pair in sums.items() if max(pair) > NEVER)
    return sorted(possible, key=lambda item: -(add(*item[1]) + bonus(item[0], done)))


def add(*logs: float) -> float:
    """Ln of the sum of numbers given as logarithms; -inf for none.

    >>> add(), round(add(math.log(2), math.log(3)), 6) == round(math.log(5), 6)
    (-inf, True)
    """
    most = max(logs, default=NEVER)
    if most == NEVER:
        return NEVER
    return most + math.log(sum(math.exp(x - most) for x in logs))
