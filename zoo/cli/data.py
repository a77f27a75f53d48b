"""``zoo data [NAME]``: list the data sets and their folder; download and check one."""

import argparse
import json
from collections.abc import Sequence

from zoo.datasets import dataset, list_datasets


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", nargs="?", help=f"one of {', '.join(list_datasets())}")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """List the data sets, or download one and print its contents."""
    from zoo.data.root import data_folder

    if not args.name:
        folder, names = str(data_folder()), list_datasets()
        facts = {"folder": folder, "sets": names}
        print(json.dumps(facts) if args.json else f"{folder}\n{', '.join(names)}")
        return 0
    data = dataset(args.name)
    sizes = {name: len(part) for name, part in data.parts().items()}
    about = {"name": data.name, "licence": data.licence, **sizes, **data.about()}
    if args.json:
        print(json.dumps(about))
    else:
        for key, value in about.items():
            print(f"{key:8} {value}")
    return 0
