"""The options of some weights in a command line: those of their task's predictor, and no other's.

They are known from the weights' name, which stands among the words, without loading anything:
zoo/index.json holds them for every task of the zoo.
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise

from zoo import cards, registry
from zoo.cards import Card
from zoo.errors import ZooError
from zoo.options import Option, add_arguments, from_json, options_of

WITH_VALUE = ("--plot", "--device")  # what follows one of these is no name


def add_options(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add an argument for each option of the weights that ``words`` name, if they name some.

    ``zoo.options.chosen`` tells what was chosen; main.py, what the weights do not have.

    Raises:
        ZooError: if there are words but none is the name of weights: what is wrong with the first.
    """
    card = _named(words)
    if card is None:
        parser.epilog = f"{parser.prog} NAME --help shows the options of these weights."
        return
    options = task_options(card.task)
    add_arguments(parser, f"options of {card.name}", options)
    parser.set_defaults(owner=card.name, options=[one.name for one in options])


def task_options(task: str) -> list[Option]:
    """The options of a task's predictor.

    Raises:
        UnknownName: for a task that there is not.
    """
    known = registry.index()["options"]
    if task in known:
        return [from_json(record) for record in known[task]]
    from zoo.predict import predictor_file  # late: it imports torch

    return list(options_of(predictor_file(task).Options))


def _named(words: Sequence[str]) -> Card | None:
    """The card of the first word that is the name of weights.

    A word behind an option may be its value or the name; of the others the first must be the name.
    """
    wrong: list[ZooError] = []
    for before, word in pairwise(["", *words]):
        if word.startswith("-") or before in WITH_VALUE:
            continue
        try:
            return cards.card(word)
        except ZooError as error:
            wrong.append(error)
        if not before.startswith("-"):
            break
    if wrong:
        raise wrong[0]
    return None
