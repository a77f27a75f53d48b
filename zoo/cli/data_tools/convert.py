"""``zoo data convert DIR --to FORM --out NEW``: write your boxes and images as VOC, COCO or YOLO.

Boxes are the same bit for bit. What the new form has no place for is told.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tool's arguments."""
    parser.add_argument("place", metavar="DIR", help="your boxes, as for --data of a detector")
    parser.add_argument("--to", required=True, choices=("voc", "coco", "yolo"), help="the form")
    parser.add_argument("--out", required=True, metavar="NEW", help="a folder that is not there")
    parser.add_argument("--skip-bad", action="store_true", help="leave out boxes and images that "
                        "cannot be used, and list them")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Convert, and tell what was written."""
    from pathlib import Path

    from zoo.data.own.boxes.convert import convert_boxes
    from zoo.errors import note, printable

    *notices, written = convert_boxes(
        Path(args.place), args.to, Path(args.out), skip_bad=args.skip_bad
    )
    for line in notices:
        note(line)
    print(printable(written))
    return 0
