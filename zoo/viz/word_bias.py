"""Words along a direction, before and after debiasing. Proof: tests/viz/test_embedding.py."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from zoo.viz.curves import new_figure

MOST = 40  # words that are readable in one figure


def bias_figure(
    words: Sequence[str], before: ArrayLike, after: ArrayLike, ends: tuple[str, str]
) -> Any:
    """A matplotlib figure: the cosines of words, sorted, as open (before) and full (after) circles.

    Args:
        before, after: (N,) cosines with the direction.
        ends: names of the positive and the negative end of the direction.
    """
    one, two = np.asarray(before), np.asarray(after)
    order = np.argsort(one, kind="stable")
    if len(order) > MOST:  # the most extreme words on either side
        order = np.concatenate([order[: MOST // 2], order[-MOST // 2 :]])
    figure, axis = new_figure(1, 1, width=5, height=1.2 + 0.17 * len(order))
    heights = np.arange(len(order))
    axis.hlines(heights, one[order], two[order], color="0.8", lw=1)
    axis.scatter(one[order], heights, s=14, facecolors="none", edgecolors="C0", label="before")
    axis.scatter(two[order], heights, s=14, color="C1", label="after")
    axis.axvline(0, color="0.4", lw=0.8)
    axis.set_yticks(heights, [words[i] for i in order], fontsize=7)
    axis.set_xlabel(f"{ends[1]}   <   cosine   >   {ends[0]}")
    axis.legend(frameon=False, fontsize=8)
    return figure
