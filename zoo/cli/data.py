"""``zoo data [NAME]``: list the data sets and their folder; get one. ``zoo data TOOL``: your data.

The tools for the user's data are the files of zoo/cli/data_tools.
"""

import argparse
import json
from collections.abc import Sequence
from importlib import import_module

from zoo.cli.data_tools import tools
from zoo.datasets import dataset, list_datasets


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the arguments of the tool that the first word names, or those of data sets."""
    name = next((word for word in words if not word.startswith("-")), "")
    found = tools()
    if name in found:
        kinds = parser.add_subparsers(dest="tool", metavar="TOOL")
        tool = kinds.add_parser(name, help=found[name], description=found[name])
        tool.add_argument("--traceback", action="store_true", default=argparse.SUPPRESS,
                          help="show where an error arose")  # fmt: skip
        import_module(f"zoo.cli.data_tools.{name}").arguments(tool)
        return
    parser.set_defaults(tool="")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "on your own data:\n" + "\n".join(
        f"  zoo data {one:8} {summary}" for one, summary in found.items()
    )
    parser.add_argument("name", nargs="?", help=f"one of {', '.join(list_datasets())}")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Run a tool, or list the data sets, or download one and print its contents."""
    if args.tool:
        return int(import_module(f"zoo.cli.data_tools.{args.tool}").run(args) or 0)
    from zoo.data.root import data_folder
    from zoo.errors import note

    if not args.name:
        folder, names = str(data_folder()), list_datasets()
        facts = {"folder": folder, "sets": names}
        print(json.dumps(facts) if args.json else f"{folder}\n{', '.join(names)}")
        return 0
    data = dataset(args.name)
    for line in data.notices:
        note(line)
    sizes = {name: len(part) for name, part in data.parts().items()}
    about = {"name": data.name, "licence": data.licence, **sizes, **data.about()}
    if args.json:
        print(json.dumps(about))
    else:
        for key, value in about.items():
            print(f"{key:8} {value}")
    return 0
