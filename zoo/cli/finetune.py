"""``zoo finetune WEIGHTS --data PATH [--freeze K | --probe] [field=value ...]``."""

import argparse
from collections.abc import Sequence
from pathlib import Path


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    from zoo.cli.common import OWN_DATA, training_arguments

    parser.add_argument("name", help="weights to start from, such as lenet5.mnist")
    parser.add_argument("--data", metavar="PATH", required=True, help=OWN_DATA)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--freeze", metavar="K", help="the first K blocks never learn")
    which.add_argument("--probe", action="store_true", help="only the new head learns")
    training_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train with a new head."""
    from zoo.cli.common import overrides
    from zoo.cli.train import train_one
    from zoo.recipes.own.find import finetune_recipe

    texts = overrides(args.field)
    texts |= {"freeze": args.freeze} if args.freeze is not None else {}
    texts |= {"probe": "true"} if args.probe else {}
    return train_one(finetune_recipe(args.name, Path(args.data), texts), args)
