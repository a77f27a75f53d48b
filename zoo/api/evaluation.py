"""Evaluate weights: on the test set of their card, or on the user's data.

>>> import zoo
>>> print(zoo.evaluate("lenet5.digits"))  # doctest: +SKIP
lenet5.digits on scikit-learn digits test (899): error 1.67 %  (card: 1.67 %)  ...

Proof: tests/api/test_evaluation.py.
"""

from dataclasses import dataclass
from pathlib import Path

from zoo.engine.task import Evaluable, Mistakes
from zoo.errors import unknown
from zoo.loading import choose_device
from zoo.reproduce.measure import cards_of, evaluation_task

ROUNDING = 0.02  # largest difference of a score from its card's: one image in 10,000, rounded


@dataclass(frozen=True)
class Evaluation:
    """Scores of weights on one split of some data."""

    name: str  # of the weights; the names of an ensemble with + between them
    data: str
    split: str
    examples: int  # 0: not counted
    scores: dict[str, float]
    units: dict[str, str]  # of the scores that have one
    metric: str  # that of the card
    recorded: float | None  # the card's number, if it was measured on this split of this data
    task: Evaluable  # the model with its data

    def mistakes(self) -> Mistakes:
        """The worst mistakes on the split, to print or to save."""
        return self.task.mistakes(self.split)

    @property
    def same(self) -> bool:
        """Whether the score is the card's number; True if the card records none for this."""
        return self.recorded is None or abs(self.scores[self.metric] - self.recorded) < ROUNDING

    def __str__(self) -> str:
        scores = []
        for metric, score in self.scores.items():
            unit = f" {self.units[metric]}" if self.units.get(metric) else ""
            scores.append(f"{metric} {score:.2f}{unit}")
            if metric == self.metric and self.recorded is not None:
                scores[-1] += f"  (card: {self.recorded:.2f}{unit})"
        count = f" ({self.examples})" if self.examples else ""
        return f"{self.name} on {self.data} {self.split}{count}: {'  '.join(scores)}"


def evaluate(
    name: str | Path,
    data: str | Path | None = None,
    *,
    split: str = "test",
    device: str = "auto",
    crops: int | None = None,
) -> Evaluation:
    """Measure weights on the data of their recipe, or on the user's data.

    Args:
        name: weights, the folder of a run, or several with + between them, an ensemble.
        data: a folder or a file; by default the recipe's data.
        split: "test", "dev" or "train".
        crops: for image classifiers 1, 10 or 144: average over this many crops of each image.

    Raises:
        UnknownName: for weights or a split that do not exist.
        BadInput: for weights that cannot vote together, do not take crops, or whose data cannot be
            downloaded.
    """
    ensemble = cards_of(name)
    card = ensemble[0]
    path = None if data is None else Path(data)
    task = evaluation_task(ensemble, choose_device(device), path, crops)
    sizes = task.splits()
    if split not in sizes:
        raise unknown("split", split, sizes)
    as_recorded = data is None and split == "test" and len(ensemble) == 1 and crops is None
    return Evaluation(
        name="+".join(one.name for one in ensemble),
        data=task.data.name,
        split=split,
        examples=sizes[split],
        scores=task.evaluate(split),
        units={**task.units, card.metric: card.unit},
        metric=card.metric,
        recorded=card.shipped if as_recorded else None,
        task=task,
    )
