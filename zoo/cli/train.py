"""``zoo train RECIPE [field=value ...]`` and ``zoo train ARCH --data PATH``.

Under torchrun: ``torchrun --nproc-per-node 2 -m zoo train lenet5.digits``.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    from zoo.cli.common import OWN_DATA, training_arguments

    parser.add_argument("name", help="a recipe (lenet5.mnist), or an architecture with --data")
    parser.add_argument("--data", metavar="PATH", help=OWN_DATA)
    training_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train one seed."""
    from zoo.cli.common import overrides
    from zoo.errors import BadInput
    from zoo.recipes.own.find import own_recipe
    from zoo.recipes.recipe import get_recipe
    from zoo.registry import entry

    if args.data:
        recipe = own_recipe(args.name, Path(args.data), overrides(args.field))
    elif "." in args.name:
        recipe = get_recipe(args.name).override(**overrides(args.field))
    else:
        entry(args.name)  # an unknown name is said to be that
        raise BadInput(f"zoo train {args.name} needs --data PATH, or a recipe: {args.name}.TAG")
    return train_one(recipe, args)


def train_one(recipe: Any, args: argparse.Namespace) -> int:
    """Train ``recipe`` as the arguments say, write its card, print how it went."""
    from zoo.cli.common import clear, report, set_threads
    from zoo.engine import distributed
    from zoo.predict import choose_device
    from zoo.reproduce.card import write_card
    from zoo.reproduce.train import tensorboard, train
    from zoo.viz.curves import learning_curve

    set_threads(args.threads)
    folder = Path(args.out or f"runs/{recipe.name}")
    with distributed.process_group():
        if args.fresh and distributed.rank() == 0:
            clear(folder)
        distributed.barrier()
        device = choose_device(args.device)
        also = tensorboard(folder) if args.tensorboard and distributed.rank() == 0 else None
        result = train(recipe, folder, device, show=not args.json, anyway=args.anyway, also=also)
        if distributed.rank() != 0:
            return 0
        card = write_card(recipe, [recipe.seed], [result], folder)
        learning_curve({recipe.name: result.rows}, folder / "curve.png", of=card)
        task: Any = result.task
        seen = task.report(folder, recipe.name)
        if not args.json:
            if early := stopped_early(recipe, int(result.rows[-1]["step"])):
                print(early)
            if seen:
                print(seen)
        report(card, folder, args.json)
    return 0


def stopped_early(recipe: Any, last: int) -> str:
    """What to say of a run whose last step came before its time; else nothing."""
    if last >= recipe.steps:
        return ""
    patience = recipe.extras.patience
    return (
        f"stopped after step {last} of {recipe.steps}: no better on dev for {patience} "
        "evaluations; the weights that were best there are kept"
    )
