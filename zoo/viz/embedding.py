"""Word vectors in two dimensions: t-SNE. Notes: course 5, week 2, "Visualizing word embeddings".

Paper: van der Maaten and Hinton 2008, JMLR 9:2579; scikit-learn's implementation. Distances are
between unit vectors, so they rank as the cosines do. Proof: tests/viz/test_embedding.py.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import BadInput
from zoo.viz.curves import new_figure

PERPLEXITY = 12.0  # largest: about the number of neighbours of a word in the figure


def tsne(vectors: ArrayLike, seed: int = 0) -> Any:
    """t-SNE of vectors (N, D): (N, 2), deterministic for a seed.

    Raises:
        BadInput: with fewer than three vectors.
    """
    from sklearn.manifold import TSNE

    rows = np.asarray(vectors, np.float32)
    if len(rows) < 3:
        raise BadInput(f"t-SNE needs 3 words or more, got {len(rows)}")
    perplexity = min(PERPLEXITY, (len(rows) - 1) / 3)
    init = "pca" if min(rows.shape) >= 2 else "random"  # PCA needs two dimensions
    return TSNE(2, perplexity=perplexity, init=init, random_state=seed).fit_transform(rows)


def embedding_figure(
    words: Sequence[str], vectors: ArrayLike, groups: Sequence[int], *, seed: int = 0
) -> Any:
    """A matplotlib figure of words in two dimensions.

    Args:
        vectors: (N, D) of length 1.
        groups: (N,) group of each word; a group has one colour, and its first word is in bold.
    """
    positions = tsne(vectors, seed)
    figure, axis = new_figure(1, 1, width=7, height=6)
    axis.scatter(*positions.T, s=8, c=[f"C{group % 10}" for group in groups])
    seen: set[int] = set()
    for word, group, (x, y) in zip(words, groups, positions, strict=True):
        weight = "normal" if group in seen else "bold"
        seen.add(group)
        axis.annotate(word.replace("$", r"\$"), (x, y), (2, 2), textcoords="offset points",
                      fontsize=8, weight=weight, color=f"C{group % 10}")  # fmt: skip
    axis.set_xticks([])
    axis.set_yticks([])
    return figure
