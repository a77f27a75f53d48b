"""``zoo data [NAME]``: what there is, where it is; fetch and check one set."""

import argparse
import json
from collections.abc import Sequence

from zoo.datasets import dataset, list_datasets


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", nargs="?", help=f"one of {', '.join(list_datasets())}")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """List the sets, or fetch one and say what is in it."""
    from zoo.data.root import data_folder

    if not args.name:
        folder, names = str(data_folder()), list_datasets()
        facts = {"folder": folder, "sets": names}
        print(json.dumps(facts) if args.json else f"{folder}\n{', '.join(names)}")
        return 0
    found = dataset(args.name)
    sizes = {name: len(part) for name, part in found.parts().items()}
    about = {"name": found.name, "licence": found.licence, **sizes, **found.about()}
    if args.json:
        print(json.dumps(about))
    else:
        for key, value in about.items():
            print(f"{key:8} {value}")
    return 0
