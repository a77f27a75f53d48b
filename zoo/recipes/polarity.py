"""What the runs on sentence polarity share, and how any of them begins with word vectors.

The papers cross-validate in ten parts; here the last tenth of each class is the test set, 1,066
sentences, on which an error of 23 % has a standard error of 1.3. Nothing but the training sentences
is learned from, unless ``start_from`` takes word vectors along.
Proof: tests/recipes/test_sentiment.py.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from zoo import registry
from zoo.data.text.vectors import Vectors
from zoo.datasets.polarity import polarity
from zoo.engine.loop import Extras
from zoo.engine.schedule import one_cycle
from zoo.errors import BadInput
from zoo.nn.embedding import InputWords
from zoo.recipes.recipe import Claim, FitRecipe
from zoo.tasks.text_classification import TextClassificationTask

WORDS = 9_000  # of the training set: about those that occur twice
BATCH = 50
EPOCH = 8_638 // BATCH  # steps
KIM = "Kim 2014, Table 2, MR, CNN-rand: 76.1 % right (10-fold cross-validation)"
ADAMW = partial(torch.optim.AdamW, lr=0.0, weight_decay=0.01)
RATES = {  # of AdamW, at the top of the cycle
    "sentiment": 0.005,
    "sentiment_average": 0.005,
    "sentiment_cnn": 0.001,
    "sentiment_lstm": 0.002,
}


def polarity_recipe(arch: str, epochs: int, claim: Claim, arguments: dict[str, Any]) -> FitRecipe:
    """A run over the training sentences of film reviews, ``epochs`` times."""
    return FitRecipe(
        name=f"{arch}.polarity",
        arch=arch,
        arguments={"vocab_size": WORDS + 2, **arguments},
        data=partial(polarity, words=WORDS),
        task=TextClassificationTask,
        optimizer=ADAMW,
        lr=RATES[arch],
        schedule=one_cycle(rise=0.1),
        batch_size=BATCH,
        steps=epochs * EPOCH,
        extras=Extras(evaluate_every=EPOCH),
        claim=claim,
    )


def start_from(vectors: Vectors, begun: FitRecipe) -> FitRecipe:
    """The same run with the words that have a vector there beginning with it: Kim's non-static.

    With ``static=true`` the table stays as it is (his static). Words without one begin at random.

    Raises:
        BadInput: if no word table of the network is as wide, when the run begins.
    """
    return replace(begun, begin=partial(_with_vectors, vectors))


def _with_vectors(vectors: Vectors, begun: FitRecipe) -> nn.Module:
    model = registry.build(begun.arch, **begun.arguments)
    rows = {word: row for row, word in enumerate(vectors.words)}
    words = begun.data().vocabulary.words
    both = [(number, rows[word]) for number, word in enumerate(words) if word in rows and number]
    tables = [part for part in model.modules() if isinstance(part, InputWords)]
    width = vectors.matrix.shape[1]
    fitting = [table for table in tables if table.weight.shape[1] == width]
    if not fitting or not both:
        wide = " and ".join(str(table.weight.shape[1]) for table in tables)
        raise BadInput(
            f"vectors of {len(rows)} words, {width} wide: {len(both)} words in common, and the "
            f"network's are {wide} wide; set embedding_dim={width}"
        )
    mine, theirs = torch.tensor(both).T
    found: Tensor = torch.as_tensor(vectors.matrix)[theirs]
    with torch.no_grad():
        for table in fitting:
            table.weight[mine] = found.to(table.weight)
    return model
