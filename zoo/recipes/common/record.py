"""Which examples weights were trained on: a run's record of its splits.

A run on the user's data writes NAME.examples.csv beside its card: a line for each example, its
split and the digests of its content (zoo/data/examples.py), so that it is recognised in a folder
that has been moved, divided or added to. Weights of a recipe were trained on a published set, whose
examples are known where the set is on this machine. Proof: tests/recipes/common/test_record.py.
"""

import codecs
import csv
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo import cards, files, reading
from zoo.cards import Card
from zoo.data.examples import Digests, Examples
from zoo.data.own import LICENCE
from zoo.data.splits import SPLITS
from zoo.download import no_downloads
from zoo.errors import BadFile, ZooError
from zoo.recipes.common.recipe import get_recipe


@dataclass(frozen=True)
class Record:
    """The examples of each split of a run."""

    splits: Examples

    @classmethod
    def of(cls, card: Card) -> "Record | None":
        """What the weights of a card were trained on; None if it is not known here.

        Raises:
            BadFile: if the run's file is damaged.
        """
        path = None if card.folder is None else card.folder / file_name(card.name)
        if path and path.is_file():
            return cls(_read(path))
        if card.data_licence == LICENCE or card.converter:
            return None
        try:
            with no_downloads():
                splits = get_recipe(card.recipe).examples()
        except ZooError:  # another recipe's name, or a set that is not on this machine
            return None
        return cls(splits) if splits else None

    @classmethod
    def joined(cls, records: "Sequence[Record]") -> "Record":
        """Of an ensemble: the first one's, with all that any of them was trained on."""
        first, *others = records
        train = [one for other in others for one in other.splits.get("train", ())]
        return cls({**first.splits, "train": [*first.splits.get("train", ()), *train]})

    def write(self, path: Path) -> None:
        """As a CSV of split,digests; several digests of one example have spaces between them."""
        with files.atomic(path) as file:
            writer = csv.writer(codecs.getwriter("utf-8")(file), lineterminator="\n")
            writer.writerow(("split", "digests"))
            for split, examples in self.splits.items():
                writer.writerows((split, " ".join(digests)) for digests in examples)

    def assigned(self, examples: Sequence[Digests]) -> list[str]:
        """The split of each example in the run; "" for what is new to it.

        Of examples alike as many are in each split as there were; the first are train's.
        """
        splits = [split for split, part in self.splits.items() for _ in part]
        waiting: dict[str, deque[int]] = {}
        for number, digests in enumerate(d for part in self.splits.values() for d in part):
            for one in digests:
                waiting.setdefault(one, deque()).append(number)
        used, found = [False] * len(splits), []
        for digests in examples:
            for one in digests:
                queue = waiting.get(one, deque())
                while queue and used[queue[0]]:
                    queue.popleft()
                if queue:
                    break
            else:
                found.append("")
                continue
            used[queue[0]] = True
            found.append(splits[queue[0]])
        return found

    def trained_on(self, examples: Sequence[Digests]) -> int:
        """How many of them have the content of a training example."""
        train = {one for digests in self.splits.get("train", ()) for one in digests}
        return sum(not train.isdisjoint(digests) for digests in examples)

    def is_whole(self, split: str, examples: Sequence[Digests]) -> bool:
        """Whether these are the run's ``split``, all of it and nothing else."""
        have, want = (
            Counter(digests[0] for digests in part)
            for part in (examples, self.splits.get(split, ()))
        )
        return have == want and bool(want)


def file_name(name: str) -> str:
    """Of the record of a run, beside the card of that name."""
    return f"{name}.examples.csv"


def seen_by(start: str, examples: Examples) -> list[str]:
    """A remark for each held-out part with examples that the weights ``start`` have learned from.

    What is fine-tuned from them has seen those too.
    """
    record = Record.of(cards.card(start))
    if record is None:
        return []
    found = []
    for name in SPLITS[1:]:
        part = examples.get(name, ())
        if count := record.trained_on(part):
            found.append(f"of the {len(part)} examples of {name}, {start} was trained on {count}")
    return found


def _read(path: Path) -> dict[str, list[Digests]]:
    splits: dict[str, list[Digests]] = {}
    try:
        lines = reading.read_text(path, "a record of a run").splitlines()
        for split, digests in csv.reader(lines[1:]):
            splits.setdefault(split, []).append(tuple(digests.split()))
    except (OSError, ValueError) as error:
        raise BadFile(f"{path} is damaged ({error}); remove it, or train again") from error
    return splits
