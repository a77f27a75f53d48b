"""``zoo reproduce RECIPE``: train every seed and compare with the published number."""

import argparse
from collections.abc import Sequence
from pathlib import Path


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    from zoo.cli.common import training_arguments

    parser.add_argument("name", nargs="?", help="a recipe, such as lenet5.mnist")
    parser.add_argument("--seeds", type=int, help="number of seeds (default: the recipe's)")
    parser.add_argument("--ship", metavar="DIR", help="also copy card and weights there")
    parser.add_argument(
        "--ledger", metavar="FILE", help="only update the ledger in this file from the cards"
    )
    training_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Reproduce one recipe; exit code 1 if its claim is not met."""
    from zoo import cards
    from zoo.errors import BadInput
    from zoo.files import destination
    from zoo.reproduce.ledger import update

    if args.ledger:
        destination(Path(args.ledger))
        measured = [one for one in map(cards.card, cards.list_weights()) if not one.converter]
        changed = update(Path(args.ledger), measured)
        print(f"{args.ledger}: {'updated' if changed else 'nothing to change'}")
        return 0
    if not args.name:
        raise BadInput("zoo reproduce needs a recipe, such as lenet5.digits; see zoo list")
    return _reproduce(args)


def _reproduce(args: argparse.Namespace) -> int:
    from zoo.api.training import reproduce
    from zoo.cli.common import report, training_options
    from zoo.errors import BadInput
    from zoo.reproduce.card import ship

    options = training_options(args)
    if options.pop("tensorboard"):
        raise BadInput("--tensorboard is for zoo train, which trains one seed")
    run = reproduce(args.name, seeds=args.seeds, **options)
    if args.ship:
        ship(run.card, run.folder, Path(args.ship))
    report(run, args.json)
    return 1 if run.card.met is False else 0
