"""Word vectors in two dimensions: t-SNE. Notes: course 5, week 2, "Visualizing word embeddings".

Paper: van der Maaten and Hinton 2008, JMLR 9:2579, in scikit-learn's implementation. Distances are
those of unit vectors, which rank as the cosines do. Proof: tests/viz/test_embedding.py.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import BadInput
from zoo.viz.curves import new_figure

PERPLEXITY = 12.0  # at most: about as many neighbours as a word has in the picture


def in_two_dimensions(vectors: ArrayLike, seed: int = 0) -> Any:
    """(N, D) to t-SNE's (N, 2), near ones near; the same for the same seed.

    Raises:
        BadInput: with fewer than three vectors.
    """
    from sklearn.manifold import TSNE

    rows = np.asarray(vectors, np.float32)
    if len(rows) < 3:
        raise BadInput(f"a t-SNE picture needs 3 words or more, got {len(rows)}")
    perplexity = min(PERPLEXITY, (len(rows) - 1) / 3)
    # the spectrum's start needs more numbers than 2; both starts depend on the seed alone
    start = "pca" if min(rows.shape) >= 2 else "random"
    return TSNE(2, perplexity=perplexity, init=start, random_state=seed).fit_transform(rows)


def embedding(
    words: Sequence[str], vectors: ArrayLike, groups: Sequence[int], *, seed: int = 0
) -> Any:
    """A matplotlib figure of some words.

    Args:
        vectors: (N, D) of length 1.
        groups: (N,) numbers; words of one have one colour, and the first of each is in bold.
    """
    places = in_two_dimensions(vectors, seed)
    figure, axis = new_figure(1, 1, width=7, height=6)
    axis.scatter(*places.T, s=8, c=[f"C{group % 10}" for group in groups])
    led: set[int] = set()
    for word, group, (x, y) in zip(words, groups, places, strict=True):
        weight = "normal" if group in led else "bold"
        led.add(group)
        axis.annotate(word.replace("$", r"\$"), (x, y), (2, 2), textcoords="offset points",
                      fontsize=8, weight=weight, color=f"C{group % 10}")  # fmt: skip
    axis.set_xticks([])
    axis.set_yticks([])
    return figure
