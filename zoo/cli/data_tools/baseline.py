"""``zoo data baseline SET``: one-shot error of the Modified Hausdorff distance, nothing learned.

What a network for verification of drawings has to be better than: on Omniglot 38.75 %.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tool's arguments."""
    parser.add_argument("set", metavar="SET", help="a published set with one-shot trials: omniglot")
    parser.add_argument("--split", default="test", choices=("train", "dev", "test"),
                        help="whose trials (default test)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Answer all trials and print how many answers are wrong."""
    import json
    import sys

    from tqdm import tqdm

    from zoo.data.image.identities.splits import IdentitySplits
    from zoo.datasets import dataset
    from zoo.errors import BadInput
    from zoo.practice.hausdorff import one_shot

    data = dataset(args.set)
    if not isinstance(data, IdentitySplits) or data.test.pixels.shape[1] != 1:
        raise BadInput(f"{args.set} has no drawings of identities; expected omniglot")
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
