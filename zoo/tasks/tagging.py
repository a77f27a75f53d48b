"""Sequence tagging. Notes: course 5, week 1, "named entity recognition".

``fit`` trains a ``TaggingTask``; the predictor is in predictors/tagging.py.
Proof: tests/tasks/test_tagging.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from zoo.data.batches import bucketed
from zoo.data.text.tagged import Encoded, Flat, TaggedSplits
from zoo.data.text.vocabulary import UNKNOWN, Vocabulary
from zoo.engine import distributed
from zoo.engine.seed import generator
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.metrics.spans import count_spans, count_surfaces, table, total
from zoo.ops.tags import forbidden, spans
from zoo.practice.mistakes import TextMistakes
from zoo.predictors.tagging import check_sizes, predict_tags

POOL = 16  # batches whose sentences are sorted by length together


class TagBatch(NamedTuple):
    """Encoded sentences and their tag ids (N, T)."""

    inputs: Encoded
    tags: Tensor


@dataclass
class TaggingTask(Task):
    """Sentences and their tags, scored by exact spans as conlleval counts."""

    model: Any  # (N, T), (N, T, L), (N, T), (N,) -> emissions (N, T, K); has a ``crf``
    data: TaggedSplits
    batch_size: int = 32
    seed: int = 0
    word_dropout: float = 0.1  # how often a word is replaced by <unk> in training

    units: ClassVar = dict.fromkeys(("f1", "precision", "recall", "surface_f1", "error"), "%")

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        if not self.batch_size >= 1:
            raise BadInput(f"batch_size must be at least 1, got {self.batch_size}")
        if not 0 <= self.word_dropout < 1:
            raise BadInput(f"word_dropout must be from 0 to below 1, got {self.word_dropout}")
        check_sizes(self.model, self.data.front_end)
        self.classes = self.data.train.classes
        self.model.crf.forbid(forbidden(self.classes))
        self._number = {tag: n for n, tag in enumerate(self.classes)}
        self._encoded: dict[str, tuple[Flat, Tensor]] = {}

    @property
    def vocabulary(self) -> Vocabulary:
        """What is packed into the weights file."""
        return self.data.front_end.vocabulary

    def card_facts(self) -> dict[str, Any]:
        """What the card records besides the weights."""
        front_end = self.data.front_end.to_card()
        return {"task": "tagging", "front_end": front_end, "classes": list(self.classes)}

    def _flat(self, split: str) -> tuple[Flat, Tensor]:
        """The encoded sentences of a split and their tag ids (M,); computed once."""
        if split not in self._encoded:
            items = self.data.parts()[split].items
            tags = [self._number[tag] for item in items for tag in item.tags]
            flat = self.data.front_end.encode([item.words for item in items])
            self._encoded[split] = flat, torch.tensor(tags, dtype=torch.uint8)
        return self._encoded[split]

    def batches(self, epoch: int, start: int = 0) -> Iterator[TagBatch]:
        """Padded sentences of this rank, with word dropout."""
        flat, tags = self._flat("train")
        rank, world = distributed.rank(), distributed.world()
        unknown = self.vocabulary.index[UNKNOWN]
        order = bucketed(
            flat.lengths, self.batch_size, self.seed, epoch, start=start, world=world, pool=POOL
        )
        for number, index in order:
            local = slice(rank * len(index) // world, (rank + 1) * len(index) // world)
            at, inside = flat.places(index)
            encoded = flat.pick(index)
            draw = torch.rand(at.shape, generator=generator(self.seed, "blank", epoch, number))
            words = torch.where((draw < self.word_dropout) & inside, unknown, encoded.words)
            batch = (*encoded._replace(words=words), tags[at].long() * inside)
            *inputs, gold = (part[local].to(self.device) for part in batch)
            yield TagBatch(Encoded(*inputs), gold)

    def loss(self, batch: TagBatch) -> Tensor:
        """-log P(tags), a mean over the sentences."""
        nll: Tensor = self.model.crf.nll(
            self.model(*batch.inputs), batch.tags, batch.inputs.lengths
        )
        return nll.mean()

    def tags_of(self, split: str) -> list[list[str]]:
        """The predicted tags of each sentence of ``split``."""
        flat, _ = self._flat(split)
        return predict_tags(self.model, flat, self.classes, self.device)

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return {
            **dict.fromkeys(("f1", "precision", "recall", "surface_f1"), "higher"),
            "error": "lower",
        }

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """Of ``split``, in percent.

        Returns:
            ``f1``, ``precision``, ``recall``: of exact spans of all types; ``surface_f1``: of
            different spans (WNUT-17); ``error``: words with a wrong tag. All but the last are
            better when higher.
        """
        items, predicted = self.data.parts()[split].items, self.tags_of(split)
        gold = [item.tags for item in items]
        counts = total(count_spans(gold, predicted))
        surfaces = count_surfaces([item.words for item in items], gold, predicted)
        sentences = zip(gold, predicted, strict=True)
        pairs = [pair for x, y in sentences for pair in zip(x, y, strict=True)]
        return {
            "f1": counts.f1,
            "precision": counts.precision,
            "recall": counts.recall,
            "surface_f1": surfaces.f1,
            "error": 100 * sum(a != b for a, b in pairs) / len(pairs),
        }

    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/mistakes.txt of the test set; returns the scores of each type."""
        items, predicted = self.data.test.items, self.tags_of("test")
        gold = [item.tags for item in items]
        surfaces = count_surfaces([item.words for item in items], gold, predicted)
        mistakes = replace(self._mistakes("test", predicted), title=f"{title}, test")
        mistakes.save(folder / "mistakes.txt")
        names = f"different names: F1 {surfaces.f1:.2f} % ({surfaces.correct} of {surfaces.gold})"
        return f"{table(count_spans(gold, predicted))}\n{names}"

    def mistakes(self, split: str = "test") -> TextMistakes:
        """The sentences of ``split`` with a missed or a wrong span, those with most first."""
        return self._mistakes(split, self.tags_of(split))

    def _mistakes(self, split: str, predicted: list[list[str]]) -> TextMistakes:
        by_sentence = [
            wrong_spans(item.words, item.tags, tags)
            for item, tags in zip(self.data.parts()[split].items, predicted, strict=True)
        ]
        wrong = sorted((lines for lines in by_sentence if lines), key=len, reverse=True)
        return TextMistakes(tuple("\n".join(lines) for lines in wrong))

    def example(self, folder: Path) -> str:
        """A message of the test set with a name in it, to try."""
        named = (item for item in self.data.test.items if spans(item.tags))
        return " ".join(next(named, self.data.test.items[0]).words)


def wrong_spans(words: Sequence[str], gold: Sequence[str], predicted: Sequence[str]) -> list[str]:
    """The sentence with its missed (-) and wrong (+) spans; empty if all spans are right."""
    right, claimed = set(spans(gold)), set(spans(predicted))
    if right == claimed:
        return []
    signed = sorted(
        [(s.start, "-", s) for s in right - claimed] + [(s.start, "+", s) for s in claimed - right]
    )
    marks = [f"  {sign} {s.type}: {' '.join(words[s.start : s.end])}" for _, sign, s in signed]
    return [" ".join(words), *marks]
