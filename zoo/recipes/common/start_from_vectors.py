"""Text classifiers that begin with word vectors, learned elsewhere, in their embedding.

Kim 2014, sec. 3 (CNN-static, CNN-non-static). Proof: tests/recipes/test_sentiment.py.
"""

from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from zoo import registry
from zoo.data.text.vectors import Vectors
from zoo.errors import BadInput
from zoo.nn.embedding import WordEmbedding
from zoo.recipes.common.fit_recipe import FitRecipe


def start_from_vectors(vectors: Vectors, run: FitRecipe) -> FitRecipe:
    """The same run with the words that have a vector there beginning with it: Kim's non-static.

    With ``static=true`` the table stays as it is (his static). Words without one begin at random.

    Raises:
        BadInput: if no word table of the network is as wide, when the run begins.
    """
    return replace(run, begin=partial(_with_vectors, vectors))


def _with_vectors(vectors: Vectors, run: FitRecipe) -> nn.Module:
    model = registry.build(run.arch, **run.arguments)
    rows = {word: row for row, word in enumerate(vectors.words)}
    words = run.data().vocabulary.words
    both = [(index, rows[word]) for index, word in enumerate(words) if word in rows and index]
    tables = [part for part in model.modules() if isinstance(part, WordEmbedding)]
    width = vectors.matrix.shape[1]
    fitting = [table for table in tables if table.weight.shape[1] == width]
    if not fitting or not both:
        wide = " and ".join(str(table.weight.shape[1]) for table in tables)
        raise BadInput(
            f"vectors of {len(rows)} words, {width} wide: {len(both)} words in common, and the "
            f"network's are {wide} wide; set embedding_dim={width}"
        )
    ours, theirs = torch.tensor(both).T
    known: Tensor = torch.as_tensor(vectors.matrix)[theirs]
    with torch.no_grad():
        for table in fitting:
            table.weight[ours] = known.to(table.weight)
    return model
