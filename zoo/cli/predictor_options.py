"""The options of some weights on a command line: those of their task's predictor only.

They follow from the name of the weights among the words, without loading the weights:
zoo/index.json holds the options of every task.
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise

from zoo import cards, registry
from zoo.errors import ZooError
from zoo.options import Option, add_arguments, from_json, options_of

WITH_VALUE = (
    "--plot",
    "--save",
    "--out",
    "--device",
    "--file",
)  # what follows them is no name of weights


def add_options(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add an argument for each option of the weights named in ``words``, if any are.

    ``zoo.options.parsed_options`` reads the values; main.py refuses options that do not exist.

    Raises:
        ZooError: if there are words but none names weights; the error of the first one.
    """
    name, task = _named(words)
    if not name:
        parser.epilog = f"{parser.prog} NAME --help shows the options of these weights."
        return
    options = task_options(task)
    add_arguments(parser, f"options of {name}", options)
    parser.set_defaults(owner=name, options=[one.name for one in options])


def task_options(task: str) -> list[Option]:
    """The options of a task's predictor.

    Raises:
        UnknownName: for a task that does not exist.
    """
    known = registry.index()["options"]
    if task in known:
        return [from_json(record) for record in known[task]]
    from zoo.loading import predictor_file  # late: it imports torch

    return list(options_of(predictor_file(task).Options))


def _named(words: Sequence[str]) -> tuple[str, str]:
    """The first word that names weights, as their card does, and their task; or "" twice.

    A word after an option may be its value or the name; of the others the first must be the name.
    """
    errors: list[ZooError] = []
    for before, word in pairwise(["", *words]):
        if word.startswith("-") or before in WITH_VALUE:
            continue
        try:
            if task := registry.task_of_file(word):
                return word, task
            card = cards.card(registry.weights_meant(word))
            return card.name, card.task
        except ZooError as error:
            errors.append(error)
        if not before.startswith("-"):
            break
    if errors:
        raise errors[0]
    return "", ""
