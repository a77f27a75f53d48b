"""``zoo finetune WEIGHTS --data FOLDER [field=value ...]``."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    from zoo.cli.common import training_arguments

    parser.add_argument("name", help="weights to start from, such as lenet5.mnist")
    parser.add_argument(
        "--data", metavar="FOLDER", required=True, help="your pictures, one folder per class"
    )
    training_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train with a new head."""
    from zoo.cli.common import overrides
    from zoo.cli.train import train_one
    from zoo.recipes.folder import finetune_recipe

    return train_one(finetune_recipe(args.name, Path(args.data), overrides(args.field)), args)
