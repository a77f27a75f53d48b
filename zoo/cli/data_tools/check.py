"""``zoo data check DIR``: count your boxes and name every one that cannot be used, with its line.

Exit code 1 if there is one. Every image is decoded; nothing is changed.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tool's arguments."""
    parser.add_argument("place", metavar="DIR", help="your boxes, as for --data of a detector")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the report; 1 if there are faults."""
    import json
    from pathlib import Path

    from zoo.data.own.boxes.report import check_boxes
    from zoo.errors import note, printable

    found = check_boxes(Path(args.place))
    if args.json:
        print(json.dumps(found.to_dict()))
    else:
        for line in found.notices:
            note(line)
        print(printable(found))
    return 1 if found.faults else 0
