"""Text classification: one label per text. Notes: course 5, week 2, "Sentiment classification".

``fit`` trains a ``TextClassificationTask``; the predictor is in predictors/text_classification.py.
Proof: tests/tasks/test_text_classification.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.data.batches import bucketed
from zoo.data.text.sentences import SentenceSplits
from zoo.data.text.vocabulary import UNKNOWN, Vocabulary
from zoo.engine import distributed
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.losses.class_weights import class_weights, weighted_cross_entropy
from zoo.metrics.accuracy import confusion, error_rates, misclassified, most_confident_wrong
from zoo.practice.mistakes import TextMistakes
from zoo.predictors.text_classification import logits_of
from zoo.tasks.outputs import check_outputs
from zoo.viz.confusion import confusion_figure, confusion_text

MISTAKES = 24  # shown of a split


@dataclass(frozen=True)
class Mistake:
    """A sentence whose predicted class is not its label."""

    text: str
    label: str
    predicted: str
    probability: float  # of the predicted class

    def __str__(self) -> str:
        percent = f"{100 * self.probability:.1f} %"
        return f"{self.label}, predicted as {self.predicted} ({percent}): {self.text}"


@dataclass
class TextClassificationTask(Task):
    """Sentences and labels; scored by error in percent, over all sentences and over classes."""

    model: nn.Module  # token ids (N, T), 0 for the padding -> logits (N, K)
    data: SentenceSplits
    batch_size: int = 50
    seed: int = 0
    balance: bool = False  # the classes count the same in the loss, however frequent they are
    label_smoothing: float = 0.0  # epsilon of Szegedy et al. 2015, sec. 7

    units: ClassVar = {"error": "%", "balanced_error": "%"}

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        self.data = self.data.to(self.device)
        if not self.batch_size >= 1:
            raise BadInput(f"batch_size must be at least 1, got {self.batch_size}")
        if not 0 <= self.label_smoothing < 1:
            raise BadInput(f"label_smoothing must be in [0, 1), got {self.label_smoothing}")
        train = self.data.train
        count = len(train.classes)
        even = torch.ones(count, device=self.device)
        self._weight = class_weights(train.labels, count) if self.balance else even

    @property
    def vocabulary(self) -> Vocabulary:
        """What goes into the weights file."""
        return self.data.vocabulary

    def check(self) -> None:
        """Raise BadInput if the network does not have an output for each class."""
        logits = logits_of(self.model, self.data.train.pick(slice(1)))
        check_outputs(logits, len(self.data.train.classes), self.data.name)

    def batches(self, epoch: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """(token ids (n, T), labels (n,)) of this rank; sentences of similar length together."""
        train, world, rank = self.data.train, distributed.world(), distributed.rank()
        order = bucketed(train.lengths, self.batch_size, self.seed, epoch, start=start, world=world)
        for _, index in order:
            local = index.to(self.device).tensor_split(world)[rank]
            yield train.padded(local), train.labels[local]

    def loss(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """Cross-entropy, weighted by inverse class frequency with ``balance``."""
        token_ids, labels = batch
        return weighted_cross_entropy(
            self.model(token_ids), labels, self._weight, self.label_smoothing
        )

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return dict.fromkeys(("error", "balanced_error", "loss"), "lower")

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """Percent of ``split`` whose most likely class is not the label.

        Returns:
            ``error``: of all sentences; ``balanced_error``: the mean over the classes that occur;
            ``loss``: the mean cross-entropy.
        """
        part = self.data.parts()[split]
        local = part.pick(slice(distributed.rank(), None, distributed.world()))
        logits = logits_of(self.model, local)
        count = len(part.classes)
        wrong = local.labels[misclassified(logits, local.labels)].bincount(minlength=count)
        loss = F.cross_entropy(logits.double(), local.labels, reduction="sum")
        wrong, total = distributed.total(wrong).cpu(), distributed.total(loss)
        counts = part.labels.bincount(minlength=count).cpu()
        return {**error_rates(wrong, counts), "loss": total.item() / len(part)}

    def confusion(self, split: str = "test") -> Tensor:
        """Counts (K, K) of ``split``, on the CPU: row the label, column the prediction."""
        return self._confusion(split, self._log_p(split))

    def _confusion(self, split: str, log_p: Tensor) -> Tensor:
        part = self.data.parts()[split]
        return confusion(log_p.argmax(1), part.labels, len(part.classes)).cpu()

    def _log_p(self, split: str) -> Tensor:
        """Log-probabilities (N, K) of a split."""
        return logits_of(self.model, self.data.parts()[split]).log_softmax(1)

    def mistakes(self, split: str = "test", most: int = MISTAKES) -> TextMistakes:
        """The sentences of ``split`` with the most confident wrong predictions."""
        return self._mistakes(split, self._log_p(split), most)

    def _mistakes(self, split: str, log_p: Tensor, most: int = MISTAKES) -> TextMistakes:
        part = self.data.parts()[split]
        worst = zip(*most_confident_wrong(log_p, part.labels, most), strict=True)
        name = part.classes
        mistakes = (
            Mistake(part.texts[i], name[int(part.labels[i])], name[predicted], p)
            for i, predicted, p in worst
        )
        return TextMistakes(tuple(mistakes))

    def card_facts(self) -> dict[str, Any]:
        """Task, front end and classes for the card."""
        classes = list(self.data.train.classes)
        return {
            "task": "text_classification",
            "front_end": self.data.front_end.to_card(),
            "classes": classes,
        }

    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/confusion.png and mistakes.txt, of the test set; the matrix as text."""
        log_p, classes = self._log_p("test"), self.data.test.classes
        counts = self._confusion("test", log_p)
        confusion_figure(counts, classes, folder / "confusion.png", title=title)
        self._mistakes("test", log_p).save(folder / "mistakes.txt")
        return confusion_text(counts, classes, "sentences")

    def example(self, folder: Path) -> str:
        """A sentence of the test set to try, in one line: the first with a word that is known."""
        test, unknown = self.data.test, self.vocabulary.index[UNKNOWN]
        known = (test.token_ids != unknown).nonzero()
        first = int((test.offsets <= known[0]).sum()) - 1 if len(known) else 0
        return " ".join(test.texts[first].split())
