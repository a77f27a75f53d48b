"""``zoo finetune WEIGHTS --data PATH [--freeze K | --probe] [field=value ...]``."""

import argparse
from collections.abc import Sequence


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    from zoo.cli.common import data_help, skip_bad_argument, training_arguments

    parser.add_argument("name", help="weights to start from, such as lenet5.mnist")
    parser.add_argument("--data", metavar="PATH", required=True, help=data_help("finetune", words))
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--freeze", metavar="K", help="keep the first K blocks frozen")
    which.add_argument("--probe", action="store_true", help="train the new head only")
    skip_bad_argument(parser)
    training_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train with a new head."""
    from zoo.api.training import finetune
    from zoo.cli.common import run_training, training_options

    options = {**training_options(args), "skip_bad": args.skip_bad}
    options |= {"freeze": args.freeze} if args.freeze is not None else {}
    options |= {"probe": True} if args.probe else {}
    return run_training(lambda: finetune(args.name, args.data, **options), args)
