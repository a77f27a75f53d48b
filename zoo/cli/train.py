"""``zoo train RECIPE [field=value ...]`` and ``zoo train ARCH --data PATH``.

Under torchrun: ``torchrun --nproc-per-node 2 -m zoo train lenet5.digits``.
"""

import argparse
from collections.abc import Sequence


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    from zoo.cli.common import data_help, skip_bad_argument, training_arguments

    parser.add_argument("name", help="a recipe (lenet5.mnist), or an architecture with --data")
    parser.add_argument("--data", metavar="PATH", help=data_help("train", words))
    skip_bad_argument(parser)
    training_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train one seed of a recipe, or an architecture on the user's data."""
    from zoo.api.training import train
    from zoo.cli.common import run_training, training_options

    options = {**training_options(args), "skip_bad": args.skip_bad}
    return run_training(lambda: train(args.name, args.data, **options), args)
