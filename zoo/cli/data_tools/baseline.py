"""``zoo data baseline SET|DIR``: one-shot error of drawings by a distance, nothing learned.

The Modified Hausdorff distance: what a network that tells whether two drawings show the same has to
be better than. Of Omniglot's official runs it answers 38.75 % wrong.
"""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.data.image.identities.splits import IdentitySplits


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tool's arguments."""
    parser.add_argument("place", metavar="SET|DIR", help="omniglot, or your drawings: a folder for "
                        "each character, or a CSV of file,identity")  # fmt: skip
    parser.add_argument("--split", default="test", choices=("train", "dev", "test"),
                        help="whose trials (default test; yours are drawn)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Answer all trials and print how many answers are wrong."""
    import json
    import sys

    from tqdm import tqdm

    from zoo.errors import note
    from zoo.practice.hausdorff import one_shot

    data = _drawings(args.place)
    for line in data.notices:
        note(line)
    part, trials = data.parts()[args.split], data.trials_of(args.split)
    rows = [(trial.support, trial.query, trial.answer) for trial in trials]
    bar = tqdm(rows, "trials", disable=not sys.stderr.isatty(), leave=False)
    wrong = [flags.double().mean().item() for flags in one_shot(part.pixels, bar)]
    asked = [len(trial.query) for trial in trials]
    count = round(sum(w * n for w, n in zip(wrong, asked, strict=True)))
    error = 100 * count / sum(asked)
    if args.json:
        facts = {"data": data.name, "split": args.split, "one_shot_error": error}
        print(json.dumps({**facts, "questions": sum(asked), "runs": [100 * w for w in wrong]}))
        return 0
    ways = max(len(trial.support) for trial in trials)
    print(f"one-shot error {error:.2f} %: {count} of {sum(asked)} answers in {len(trials)} runs "
          f"with {ways} candidates")  # fmt: skip
    print(f"{data.name}, {args.split}; Modified Hausdorff distance, nothing learned")
    return 0


def _drawings(place: str) -> "IdentitySplits":
    """A published set, or the user's images at the size of Omniglot's."""
    from pathlib import Path

    from zoo.data.image.identities.splits import IdentitySplits
    from zoo.data.own.verification import own_data
    from zoo.datasets import dataset, list_datasets
    from zoo.datasets.omniglot import SIDE, front_end
    from zoo.errors import BadInput, unknown

    if place not in list_datasets():
        if not Path(place).exists():
            raise unknown("data set or folder", place, list_datasets())
        return own_data(Path(place), front_end(SIDE))
    data = dataset(place)
    if not isinstance(data, IdentitySplits) or data.test.pixels.shape[1] != 1:
        raise BadInput(f"{place} has no drawings of identities; expected omniglot, or a folder")
    return data
