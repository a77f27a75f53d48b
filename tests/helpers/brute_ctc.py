"""CTC by its definition: every path of a tiny problem, for the tests of losses and decoders."""

import itertools
from functools import cache

import torch

from zoo.ops.ctc import collapse


@cache
def _paths(frames: int, classes: int, blank: int) -> tuple[torch.Tensor, dict, torch.Tensor]:
    """All V^T paths (P, T), labelling -> which of them collapse to it, and the same by path."""
    paths = list(itertools.product(range(classes), repeat=frames))
    groups: dict[tuple[int, ...], list[int]] = {}
    for n, path in enumerate(paths):
        groups.setdefault(tuple(collapse(path, blank)), []).append(n)
    table = {labels: torch.tensor(which) for labels, which in groups.items()}
    group = torch.zeros(len(paths), dtype=torch.long)
    for n, which in enumerate(table.values()):
        group[which] = n
    return torch.tensor(paths, dtype=torch.long).reshape(len(paths), frames), table, group


def path_scores(log_p, blank=0):
    """ln p of each path (P,) of log-probabilities (T, V), and labelling -> its paths."""
    paths, groups, _ = _paths(*log_p.shape, blank)
    return log_p[torch.arange(len(log_p)), paths].sum(1), paths, groups


def labellings(log_p, blank=0):
    """Every labelling that (T, V) allows -> ln of its probability, likeliest first."""
    scores, _, groups = path_scores(log_p, blank)
    group = _paths(*log_p.shape, blank)[2]
    sums = torch.zeros(len(groups), dtype=scores.dtype).index_add(0, group, scores.exp())
    found = dict(zip(groups, sums.log().tolist(), strict=True))
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def emissions(*shape, seed=0, scale=1.0):
    """Random log-probabilities in float64."""
    source = torch.Generator().manual_seed(seed)
    x = torch.randn(*shape, generator=source, dtype=torch.float64)
    return (scale * x).log_softmax(-1)
