"""Word vectors after training: their scores, and what a card says of them.

Scores: Spearman's rho with people's ratings of word pairs, times 100 (wordsim353: Finkelstein et
al. 2002), and the percentage of analogies that come out (questions-words: Mikolov et al. 2013),
both among the 30,000 most frequent words. Proof: tests/tasks/test_word_vectors.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import nn

from zoo import files
from zoo.data.text.vectors import WordFrontEnd
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.task import Data, Evaluable
from zoo.metrics.analogy import analogy_scores
from zoo.metrics.similarity import ranks, similarity_score
from zoo.practice.mistakes import TextMistakes
from zoo.predictors.word_vectors import WordVectors

SHOWN = 12  # words in the file of neighbours; mistakes


@dataclass
class WordVectorsTask(Evaluable):
    """A table with its words; tests are passed in, or there are none."""

    model: nn.Module  # one parameter (V, D), a row for each word
    data: Data  # the corpus
    words: Vocabulary
    losses: list[float]  # of each epoch
    pairs: Sequence[tuple[str, str, float]] = ()  # two words and a rating
    sections: Mapping[str, Sequence[tuple[str, str, str, str]]] = field(default_factory=dict)

    units: ClassVar = {
        "spearman": "x 100",
        **dict.fromkeys(("semantic", "syntactic", "total"), "%"),
    }

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device

    @property
    def vocabulary(self) -> Vocabulary:
        """What is packed into the weights file."""
        return self.words

    def splits(self) -> dict[str, int]:
        """The published tests are all there is to measure on."""
        return {"test": len(self.pairs) + sum(map(len, self.sections.values()))}

    @property
    def vectors(self) -> WordVectors:
        """What ``zoo.load`` will give."""
        table = next(self.model.parameters()).detach().float().cpu()
        found = WordVectors(self.words.words, table.numpy())
        found.model = self.model
        return found

    def evaluate(self, split: str = "test") -> dict[str, float]:
        """Scores: all of them from 0 to 100, higher is better; the last loss, lower is better."""
        found = {"loss": self.losses[-1]} if self.losses else {}
        vectors = self.vectors
        if self.pairs:
            rho = similarity_score(vectors.words, vectors.unit, self.pairs).spearman
            found["spearman"] = 100 * rho
        if self.sections:
            scores = analogy_scores(vectors.words, vectors.unit, self.sections)
            found |= {score.section: score.percent for score in scores[-3:]}
        return found

    def mistakes(self, split: str = "test") -> TextMistakes:
        """The word pairs whose rank by cosine is farthest from their rank by people's ratings."""
        vectors = self.vectors
        known = [(a, b, r) for a, b, r in self.pairs if a in vectors and b in vectors]
        if not known:
            return TextMistakes(())
        cosines = [vectors.similarity(a, b) for a, b, _ in known]
        ours, theirs = ranks(cosines), ranks([rating for *_, rating in known])
        worst = sorted(range(len(known)), key=lambda i: -abs(ours[i] - theirs[i]))[:SHOWN]
        return TextMistakes(
            tuple(
                f"{known[i][0]} {known[i][1]}: rated {known[i][2]:g}, rank {theirs[i]:g} of "
                f"{len(known)}; cosine {cosines[i]:.3f}, rank {ours[i]:g}"
                for i in worst
            )
        )

    def card_facts(self) -> dict[str, Any]:
        """What a card says of them; how many words there are is known only now."""
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
        """Write ``folder``/neighbours.txt: frequent words that mean something, and the nearest."""
        vectors = self.vectors
        long = [word for word in vectors.words if len(word) > 4][:SHOWN]
        lines = [f"{word}: {vectors(word)}" for word in long]
        files.write(files.make_folder(folder) / "neighbours.txt", "\n".join(lines) + "\n")
        return "\n".join(lines[:3])

    def example(self, folder: Path) -> str:
        """A word to try."""
        return next((word for word in self.vocabulary.words if len(word) > 4), "the")
