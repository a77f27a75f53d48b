"""Sentence polarity, three ways and their best; Kim 2014, arXiv:1408.5882, Table 2, column MR.

The papers cross-validate in ten parts; here the last tenth of each class is the test set, 1,066
sentences, on which an error of 23 % has a standard error of 1.3. Nothing but the training sentences
is learned from; ``start_from`` takes word vectors along.
Proof: tests/recipes/test_sentiment.py.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from zoo import registry
from zoo.data.polarity import polarity
from zoo.engine.rounds import Extras
from zoo.engine.schedule import one_cycle
from zoo.errors import BadInput
from zoo.nn.word_table import WordTable
from zoo.recipes.recipe import Claim, Recipe, recipe
from zoo.tasks.sentiment import Sentiment

WORDS = 9_000  # of the training set: about those that occur twice
BATCH = 50
EPOCH = 8_638 // BATCH  # steps
KIM = "Kim 2014, Table 2, MR, CNN-rand: 76.1 % right (10-fold cross-validation)"
GOAL = f"{KIM}; the goal set for this zoo: 76 % right on the last tenth"
ADAMW = partial(torch.optim.AdamW, lr=0.0, weight_decay=0.01)
RATES = {  # of AdamW, at the top of the cycle
    "sentiment": 0.002,
    "sentiment_average": 0.005,
    "sentiment_cnn": 0.001,
    "sentiment_lstm": 0.002,
}


def _polarity(arch: str, epochs: int, claim: Claim, arguments: dict[str, Any]) -> Recipe:
    return Recipe(
        name=f"{arch}.polarity",
        arch=arch,
        arguments={"vocabulary": WORDS + 2, **arguments},
        data=partial(polarity, words=WORDS),
        task=Sentiment,
        optimizer=ADAMW,
        lr=RATES[arch],
        schedule=one_cycle(rise=0.1),
        batch_size=BATCH,
        steps=epochs * EPOCH,
        extras=Extras(evaluate_every=EPOCH),
        claim=claim,
    )


@recipe("sentiment.polarity")
def sentiment_polarity() -> Recipe:
    """Mean of words and pairs, and a CNN, as one network."""
    claim = Claim("error", paper=23.9, within=0.1, source=GOAL)
    return replace(_polarity("sentiment", 6, claim, {}), half=True)


@recipe("sentiment_average.polarity")
def sentiment_average_polarity() -> Recipe:
    """The notes' first: mean of word vectors, softmax."""
    claim = Claim("error", paper=None, within=0.0, source="no paper's: beside Kim 2014's 23.9")
    return _polarity("sentiment_average", 6, claim, {"features": 64})


@recipe("sentiment_cnn.polarity")
def sentiment_cnn_polarity() -> Recipe:
    """Kim's CNN-rand; by AdamW on one cycle instead of Adadelta with early stopping."""
    claim = Claim("error", paper=23.9, within=1.3, source=KIM)
    return _polarity("sentiment_cnn", 6, claim, {"word_dropout": 0.1})


@recipe("sentiment_lstm.polarity")
def sentiment_lstm_polarity() -> Recipe:
    """The notes' second: an LSTM reads the sentence from both ends."""
    claim = Claim("error", paper=None, within=0.0, source="no paper's: beside Kim 2014's 23.9")
    return _polarity("sentiment_lstm", 6, claim, {"both_ways": True})


class HasVectors(Protocol):
    """Words and their vectors, such as ``zoo.data.vectors.Vectors``."""

    matrix: Any  # (V, D) float32

    @property
    def words(self) -> tuple[str, ...]:
        """A word for each row."""


def start_from(vectors: HasVectors, begun: Recipe) -> Recipe:
    """The same run with the words that have a vector there beginning with it: Kim's non-static.

    With ``static=true`` the table stays as it is (his static). Words without one begin at random.

    Raises:
        BadInput: if no word table of the network is as wide, when the run begins.
    """
    return replace(begun, begin=partial(_with_vectors, vectors))


def _with_vectors(vectors: HasVectors, begun: Recipe) -> nn.Module:
    model = registry.build(begun.arch, **begun.arguments)
    rows = {word: row for row, word in enumerate(vectors.words)}
    words = begun.data().vocabulary.words
    both = [(number, rows[word]) for number, word in enumerate(words) if word in rows and number]
    tables = [part for part in model.modules() if isinstance(part, WordTable)]
    width = vectors.matrix.shape[1]
    fitting = [table for table in tables if table.weight.shape[1] == width]
    if not fitting or not both:
        wide = " and ".join(str(table.weight.shape[1]) for table in tables)
        raise BadInput(
            f"vectors of {len(rows)} words, {width} wide: {len(both)} words in common, and the "
            f"network's are {wide} wide; set features={width}"
        )
    mine, theirs = torch.tensor(both).T
    found: Tensor = torch.as_tensor(vectors.matrix)[theirs]
    with torch.no_grad():
        for table in fitting:
            table.weight[mine] = found.to(table.weight)
    return model
