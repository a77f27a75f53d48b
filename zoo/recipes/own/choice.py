"""What a number measured on the user's data is a number of.

The user's data may be divided (folders, a column, files), and their parts are what the user says
they are; where they are not, and the weights learned from some of them, the run's own division
holds. A number has the name of a split only if it is of that split, else of "all".
Proof: tests/recipes/own/test_choice.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from zoo.data.examples import Digests, Examples
from zoo.data.own.told import what_was_read
from zoo.data.splits import SPLITS
from zoo.engine.task import Evaluable
from zoo.errors import UnknownName
from zoo.recipes.common.record import Record
from zoo.recipes.own.common import refuse_skipping

ALL, NEW = "all", "new"  # parts that are no splits: every example; those that a run has not seen
SOME = 0.5  # share of the examples that a run knows from which on they are taken for its own


class Choice(NamedTuple):
    """What is measured."""

    split: str
    chosen: list[int]  # of the examples that were read, in their order
    trained_on: int | None  # of those; None: not known
    compared: int  # examples that ``trained_on`` counts in: of a text its lines
    as_recorded: bool  # whether it is that part of the run's, all of it and nothing else
    unit: str = ""  # of ``compared``
    left_out: int = 0  # examples of undivided data that are of the run's other parts

    def __str__(self) -> str:
        """What a number must say besides its split."""
        if self.trained_on is None:
            return ""
        if self.as_recorded and not self.trained_on:
            return "held out in training" + (", chosen on" if self.split == "dev" else "")
        others = f", {self.left_out} others left out (--split all)" if self.left_out else ""
        return f"{self.trained_on or 'none'} of {self.compared}{self.unit} trained on{others}"

    def read(self, what: str) -> str:
        """The line that tells what is measured on.

        Args:
            what: such as "64 images in 2 classes".
        """
        return what_was_read(what, {self.split: len(self.chosen)})


class Measurable(NamedTuple):
    """Weights with the user's data: one part of them, under its name."""

    task: Evaluable
    choice: Choice


@dataclass(frozen=True)
class Wanted:
    """What is asked to be measured of which weights.

    Attributes:
        weights: their name, for messages.
        split: a part's name; None: the test part, or all where there is none.
        record: what the weights were trained on; None: not known.
        skip_bad: leave out what cannot be used of the data, and list it.
    """

    weights: str
    split: str | None = None
    record: Record | None = None
    skip_bad: bool = False

    def refuse_skipping(self, what: str) -> None:
        """Raise BadInput if bad examples are to be left out of data that are read as a whole.

        Args:
            what: they are: "a text".
        """
        refuse_skipping(what, {"skip_bad": str(self.skip_bad).lower()})

    def needed(self, stated: Collection[str]) -> list[str]:
        """Which parts that the user has divided must be read, of those there are."""
        wanted = self.split or "test"
        return [wanted] if wanted in stated and wanted != "train" else list(stated)

    def choose(self, place: Path, stated: Examples) -> Choice:
        """Which examples to measure.

        Args:
            place: of the data, for messages.
            stated: the digests of what was read, by the names of the user's division; "" for data
                that are not divided.

        Raises:
            UnknownName: if there is no such split.
        """
        names = [name or ALL for name, part in stated.items() for _ in part]
        examples = [digests for part in stated.values() for digests in part]
        if self.record:
            known = self.record.assigned(examples)
            if sum(map(bool, known)) >= SOME * len(known):
                theirs = set(stated) - {"", "train"}  # what they call dev and test stays that
                names = [
                    mine if mine and mine not in theirs and name in ("train", ALL) else name
                    for name, mine in zip(names, known, strict=True)
                ]
                names = [NEW if name == ALL else name for name in names]
        parts = {name: [i for i, one in enumerate(names) if one == name] for name in set(names)}
        parts[ALL] = list(range(len(names)))
        split = self._among(place, parts, default=ALL if set(stated) == {""} else "test")
        choice = self._choice(split, parts[split], [examples[i] for i in parts[split]])
        drawn = self.split is None and set(stated) == {""}
        return choice._replace(left_out=len(names) - len(parts[split]) if drawn else 0)

    def choose_part(self, place: Path, divided: Examples, unit: str) -> Choice:
        """The same of data that are always divided by one rule: a text, sound with background.

        The rule's parts are the run's if they are what it was trained, chosen and tested on. Of
        other data everything is measured: ``chosen`` is empty, for the part is ALL or the rule's.

        Args:
            unit: what the digests are of: lines, clips.
        """
        record = self.record
        same = record is not None and all(
            record.is_whole(name, part) for name, part in divided.items() if part
        )
        parts = {**(divided if same else {}), ALL: [d for part in divided.values() for d in part]}
        split = self._among(place, parts)
        return self._choice(split, [], parts[split])._replace(unit=f" {unit}")

    def _among(self, place: Path, parts: Collection[str], default: str = ALL) -> str:
        """The part to measure; ``default`` if none is asked for and there is no test part."""
        split = self.split or ("test" if "test" in parts else default)
        if split not in parts:
            there = ", ".join([*(n for n in (*SPLITS, NEW) if n in parts), ALL])
            why = "" if self.record else f"; what {self.weights} was trained on is not known here"
            raise UnknownName(f"{place} has no split {split!r}, there is {there}{why}")
        return split

    def _choice(self, split: str, index: list[int], examples: Sequence[Digests]) -> Choice:
        if self.record is None:
            return Choice(split, index, None, len(examples), False)
        count = self.record.trained_on(examples)
        whole = self.record.is_whole(split, examples)
        return Choice(split, index, count, len(examples), whole)
