"""``zoo data [NAME]``: what there is, where it is; fetch and check one set."""

import argparse
import json
from typing import Any

SETS = {  # name -> function in zoo.data
    "digits": "zoo.datasets.digits",
    "mnist": "zoo.datasets.mnist",
    "fashion_mnist": "zoo.datasets.mnist",
    "cifar10": "zoo.datasets.cifar",
    "cifar10_jpeg": "zoo.datasets.cifar_jpeg",
    "tiny_shakespeare": "zoo.datasets.language_modelling",
    "wikitext2": "zoo.datasets.language_modelling",
    "ptb": "zoo.datasets.language_modelling",
    "polarity": "zoo.datasets.polarity",
    "fsdd": "zoo.datasets.fsdd",
    "wnut17": "zoo.datasets.wnut17",
    "trigger_word": "zoo.datasets.alexa",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", nargs="?", help=f"one of {', '.join(SETS)}")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """List the sets, or fetch one and say what is in it."""
    from importlib import import_module

    from zoo.data.root import data_folder
    from zoo.errors import unknown

    if not args.name:
        facts = {"folder": str(data_folder()), "sets": list(SETS)}
        print(json.dumps(facts) if args.json else f"{facts['folder']}\n{', '.join(SETS)}")
        return 0
    if args.name not in SETS:
        raise unknown("data set", args.name, SETS)
    found = getattr(import_module(SETS[args.name]), args.name)()
    sizes = {name: len(part) for name, part in found.parts().items()}
    about: dict[str, Any] = {"name": found.name, "licence": found.licence, **sizes, **found.about()}
    if args.json:
        print(json.dumps(about))
    else:
        for key, value in about.items():
            print(f"{key:8} {value}")
    return 0
