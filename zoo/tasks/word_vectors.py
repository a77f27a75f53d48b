"""Evaluation of word vectors after training.

Scores: Spearman's rho with human ratings of word pairs, times 100 (wordsim353: Finkelstein et al.
2002), and the percentage of analogies solved (questions-words: Mikolov et al. 2013), both among the
30,000 most frequent words. Proof: tests/tasks/test_word_vectors.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import nn

from zoo import files
from zoo.data.text.vocabulary import Vocabulary
from zoo.data.text.word_front_end import WordFrontEnd
from zoo.data.vectors import word_counts
from zoo.engine.task import Data, Evaluable
from zoo.metrics.analogy import analogy_scores
from zoo.metrics.similarity import ranks, similarity_score
from zoo.practice.mistakes import TextMistakes
from zoo.predictors.word_vectors import WordVectors

SHOWN = 12  # words in the file of neighbours, and mistakes


@dataclass
class WordVectorsTask(Evaluable):
    """A table of word vectors with its words, and the tests to evaluate it on, if any."""

    model: nn.Module  # one parameter (V, D), a row for each word
    data: Data  # the corpus
    words: Vocabulary
    losses: list[float]  # of each epoch
    pairs: Sequence[tuple[str, str, float]] = ()  # two words and a rating
    sections: Mapping[str, Sequence[tuple[str, str, str, str]]] = field(default_factory=dict)
    counts: Mapping[str, int] | None = None  # how often each word occurs, if that is known

    units: ClassVar = {
        "spearman": "x 100",
        **dict.fromkeys(("semantic", "syntactic", "total"), "%"),
    }

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device

    @property
    def vocabulary(self) -> Vocabulary:
        """The words; packed into the weights file."""
        return self.words

    def splits(self) -> dict[str, int]:
        """The published tests are the only split."""
        return {"test": len(self.pairs) + sum(map(len, self.sections.values()))}

    @property
    def vectors(self) -> WordVectors:
        """The predictor with these vectors."""
        table = next(self.model.parameters()).detach().float().cpu()
        predictor = WordVectors(self.words.words, table.numpy())
        predictor.model = self.model
        return predictor

    def evaluate(self, split: str = "test") -> dict[str, float]:
        """Scores of the tests, at most 100, higher is better; the last training loss if known."""
        scores = {"loss": self.losses[-1]} if self.losses else {}
        vectors = self.vectors
        if self.pairs:
            rho = similarity_score(vectors.words, vectors.unit, self.pairs).spearman
            scores["spearman"] = 100 * rho
        if self.sections:
            sections = analogy_scores(vectors.words, vectors.unit, self.sections)
            scores |= {section.section: section.percent for section in sections[-3:]}
        return scores

    def mistakes(self, split: str = "test") -> TextMistakes:
        """The word pairs whose rank by cosine is farthest from their rank by human ratings."""
        vectors = self.vectors
        pairs = [(a, b, r) for a, b, r in self.pairs if a in vectors and b in vectors]
        if not pairs:
            return TextMistakes(())
        cosines = [vectors.similarity(a, b) for a, b, _ in pairs]
        cosine_ranks, rating_ranks = ranks(cosines), ranks([rating for *_, rating in pairs])
        differences = [abs(x - y) for x, y in zip(cosine_ranks, rating_ranks, strict=True)]
        worst = sorted(range(len(pairs)), key=lambda i: -differences[i])[:SHOWN]
        return TextMistakes(
            tuple(
                f"{pairs[i][0]} {pairs[i][1]}: rated {pairs[i][2]:g}, rank {rating_ranks[i]:g} of "
                f"{len(pairs)}; cosine {cosines[i]:.3f}, rank {cosine_ranks[i]:g}"
                for i in worst
            )
        )

    def card_facts(self) -> dict[str, Any]:
        """Facts for the card, with the size of the vocabulary, which is known only now."""
        vocab_size, embedding_dim = next(self.model.parameters()).shape
        arguments = {"vocab_size": vocab_size, "embedding_dim": embedding_dim}
        return {
            "task": "word_vectors",
            "front_end": WordFrontEnd(self.vocabulary).to_card(),
            "classes": [],
            "arguments": arguments,
        }

    @torch.no_grad()
    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/neighbours.txt: the nearest neighbours of frequent longer words.

        Also ``title``.vocab.txt, how often each word occurs, if that is known.
        """
        files.make_folder(folder)
        if self.counts is not None:
            path = folder / word_counts.file_name(title)
            word_counts.write(path, self.words.words, self.counts)
        vectors = self.vectors
        long = [word for word in vectors.words if len(word) > 4][:SHOWN]
        lines = [f"{word}: {vectors(word)}" for word in long]
        files.write(folder / "neighbours.txt", "\n".join(lines) + "\n")
        return "\n".join(lines[:3])

    def example(self, folder: Path) -> str:
        """A word to try: the most frequent of the longer ones."""
        words = self.vocabulary.words
        return next((word for word in words if len(word) > 4), max(words, key=len))
