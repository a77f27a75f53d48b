"""Evaluate weights: on the test set of their card, or on the user's data.

>>> import zoo
>>> print(zoo.evaluate("lenet5.digits"))  # doctest: +SKIP
lenet5.digits on scikit-learn digits test (899): error 1.67 %  (card: 1.67 %)  ...

Proof: tests/api/test_evaluation.py.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.cards import Card
from zoo.engine.task import Evaluable, Mistakes
from zoo.errors import BadInput, unknown
from zoo.loading import choose_device
from zoo.nn.plain_torch import plain_torch
from zoo.reproduce.measure import cards_of, evaluation_task, own_evaluation

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
    seen: str = ""  # which of the examples the weights were trained on
    trained_on: int | None = None  # how many of them; None: not known
    published: bool = True  # whether it is the recipe's data, whose splits are what they are called

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
        seen = f", {self.seen}" if self.seen else ""
        return f"{self.name} on {self.data} {self.split}{count}{seen}: {'  '.join(scores)}"

    def notices(self) -> list[str]:
        """What a person should know of the data and of the number, a sentence each."""
        notices = self.task.notices(self.split)
        if self.trained_on is None and not self.published:
            notices.append(f"it is not known which of these examples {self.name} was trained on")
        return notices


@plain_torch()
def evaluate(
    name: str | Path,
    data: str | Path | None = None,
    *,
    split: str | None = None,
    device: str = "auto",
    crops: int | None = None,
    skip_bad: bool = False,
) -> Evaluation:
    """Measure weights on the data of their recipe, or on the user's data.

    A run remembers what it held out. On data that it was trained on, ``test`` is what it was tested
    on, wherever they lie now; on other data ``test`` is what the user calls so, or else ``all`` is
    measured. How many of the examples the weights were trained on is told where it is known.

    Args:
        name: weights, the folder of a run, or several with + between them, an ensemble.
        data: a folder or a file; by default the recipe's data.
        split: "test" (the default, if there is one), "dev", "train", or of the user's data "all",
            or "new": what a run on some of them has not seen.
        crops: for image classifiers 1, 10 or 144: average over this many crops of each image.
        skip_bad: leave out what cannot be used of the user's data, such as damaged files, and list
            it among the notices; else it is an error that names all of it.

    Raises:
        UnknownName: for weights or a split that do not exist.
        BadInput: for weights that cannot vote together, do not take crops, or whose data cannot be
            downloaded.
    """
    ensemble = cards_of(name)
    torch_device = choose_device(device)
    plain = len(ensemble) == 1 and crops is None
    if data is not None:
        found = own_evaluation(ensemble, torch_device, Path(data), split, crops, skip_bad)
        task, choice = found
        as_recorded = plain and choice.as_recorded and choice.split == "test"
        seen = {"seen": str(choice), "trained_on": choice.trained_on, "published": False}
        chosen = choice.split
    else:
        if skip_bad:
            raise BadInput("skip_bad leaves out what is bad of your data: add --data PATH")
        task = evaluation_task(ensemble, torch_device, crops)
        chosen, seen = split or "test", {}
        if chosen not in task.splits():
            raise unknown("split", chosen, task.splits())
        as_recorded = plain and chosen == "test"
    return _measured(ensemble, task, chosen, as_recorded, seen)


def _measured(
    ensemble: list[Card], task: Evaluable, split: str, as_recorded: bool, seen: dict[str, Any]
) -> Evaluation:
    card = ensemble[0]
    return Evaluation(
        name="+".join(one.name for one in ensemble),
        data=task.data.name,
        split=split,
        examples=task.splits()[split],
        scores=task.evaluate(split),
        units={**task.units, card.metric: card.unit},
        metric=card.metric,
        recorded=card.shipped if as_recorded else None,
        task=task,
        **seen,
    )
