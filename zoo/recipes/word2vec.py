"""Mikolov et al. 2013: from a text to word2vec's vectors.

Settings are the published program's for skip-gram, without thinning so strongly that a small
text would be lost. Proof: tests/recipes/test_word2vec.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

from zoo.data.text.corpus import Corpus
from zoo.data.text.vocabulary import Vocabulary
from zoo.datasets.novels import novels
from zoo.engine.seed import seed_everything
from zoo.models.word2vec import Word2Vec
from zoo.nn.word_table import WordTable
from zoo.recipes.recipe import Claim, recipe
from zoo.recipes.vectors_recipe import VectorsRecipe
from zoo.trainers.word2vec import Learning, train_word2vec


@dataclass(frozen=True)
class Word2VecRun:
    """Everything that decides the vectors, besides the text.

    Attributes:
        embedding_dim: numbers in a vector.
        min_count, max_vocab_size: which words get a vector, the most frequent ones.
        epochs: readings of the text.
        others: see ``Learning``.
    """

    embedding_dim: int = 100
    min_count: int = 5
    max_vocab_size: int | None = None
    epochs: int = 5
    kind: Literal["skipgram", "cbow"] = "skipgram"
    objective: Literal["negative", "hierarchical"] = "negative"
    negative: int = 5
    negatives: Literal["shared", "pair"] = "shared"
    cbow_grad: Literal["exact", "word2vec"] = "exact"
    window: int = 5
    lr: float = 0.025
    sample: float = 1e-3
    threads: int = 1
    seed: int = 0
    backend: Literal["auto", "compiled", "torch"] = "auto"

    def run(
        self,
        corpus: Corpus,
        device: Any = "cpu",
        say: Callable[[int, float], None] = lambda epoch, loss: None,
    ) -> tuple[WordTable, Vocabulary, list[float]]:
        """The vectors, their words, and the loss of each epoch.

        Args:
            device: where the vectors are wanted; ``backend`` says whether they are learned there.

        Raises:
            BadInput, BadFile, NotFinite, Missing: as ``Corpus`` and ``train_word2vec``.
        """
        vocabulary, counts = corpus.frequent(self.min_count, self.max_vocab_size)
        text = corpus.encode(vocabulary)
        seed_everything(self.seed)
        how = Learning(**{f.name: getattr(self, f.name) for f in fields(Learning)})
        model = Word2Vec(len(vocabulary), self.embedding_dim, self.cbow_grad)
        model.to("cpu" if how.compiled(device) else device)
        losses = train_word2vec(model, text, counts, self.epochs, how, say)
        return model.table.to(device), vocabulary, losses


PEER = "gensim 4.4.0, same text and settings, 3 seeds from 45.32 (zoo bench word2vec_quality)"
NOVELS = Word2VecRun(epochs=10, max_vocab_size=30_000)


@recipe("word2vec.novels")
def word2vec_novels() -> VectorsRecipe:
    """Skip-gram over 15 novels, ten times; the 30,000 most frequent words ship."""
    return VectorsRecipe(
        name="word2vec.novels",
        arch="word2vec",
        data=novels,
        learn=NOVELS,
        claim=Claim(
            "spearman", paper=46.16, within=0.84, source=PEER, unit="x 100", better="higher"
        ),
    )
