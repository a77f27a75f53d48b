"""Text classifiers whose embedding is initialised with pretrained word vectors.

Kim 2014, sec. 3 (CNN-static, CNN-non-static). Proof: tests/recipes/test_sentiment.py.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from zoo import files, registry
from zoo.data.vectors.vectors import Vectors
from zoo.errors import BadInput
from zoo.nn.embedding import WordEmbedding
from zoo.recipes.common.fit_recipe import FitRecipe


def start_from_vectors(file: Path, vectors: Vectors, run: FitRecipe) -> FitRecipe:
    """The same run with word embeddings initialised from ``vectors``: Kim's CNN-non-static.

    With ``static=true`` the embedding is not trained (CNN-static). Words without a pretrained
    vector are initialised at random. Card and checkpoints record the file and its sha256.

    Args:
        file: from which the vectors were read.

    Raises:
        BadInput: when the run starts, if no embedding has the dimension of the vectors.
    """
    init = {"vectors": file.name, "vectors_sha256": files.sha256(file)}
    return replace(run, make_model=partial(_with_vectors, vectors), init=init)


def _with_vectors(vectors: Vectors, run: FitRecipe) -> nn.Module:
    model = registry.build(run.arch, **run.arguments)
    rows = vectors.vocabulary.index
    words = run.data().vocabulary.words
    common = [(index, rows[word]) for index, word in enumerate(words) if word in rows and index]
    embeddings = [part for part in model.modules() if isinstance(part, WordEmbedding)]
    dim = vectors.dim
    same_dim = [embedding for embedding in embeddings if embedding.weight.shape[1] == dim]
    if not same_dim or not common:
        dims = " and ".join(str(embedding.weight.shape[1]) for embedding in embeddings)
        raise BadInput(
            f"vectors of {len(rows)} words, {dim} wide: {len(common)} words in common, and the "
            f"network's are {dims} wide; set embedding_dim={dim}"
        )
    token_ids, vector_rows = torch.tensor(common).T
    pretrained: Tensor = torch.as_tensor(vectors.matrix)[vector_rows]
    with torch.no_grad():
        for embedding in same_dim:
            embedding.weight[token_ids] = pretrained.to(embedding.weight)
    return model
