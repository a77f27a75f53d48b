"""``zoo data anchors DIR``: the sizes of boxes that fit your data best, for a YOLO network.

Printed as Darknet's files have them, w,h in pixels of the input. A recipe takes them by itself.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tool's arguments."""
    parser.add_argument("place", metavar="DIR", help="your boxes, as for --data of a detector")
    parser.add_argument("--count", type=int, default=9, metavar="K", help="of anchors (default 9)")
    parser.add_argument("--size", default="416", metavar="N", help="of the input: a side, "
                        "or HEIGHT,WIDTH (default 416)")  # fmt: skip
    parser.add_argument("--fit", default="letterbox", choices=("letterbox", "stretch"),
                        help="how an image becomes the input (default letterbox)")  # fmt: skip
    parser.add_argument("--centre", default="median", choices=("median", "mean"),
                        help="of a cluster (default median)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="(default 0)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Find the anchors and print them."""
    import json

    from zoo.data.own.boxes.fit_anchors import fit_anchors
    from zoo.data.own.told import counted
    from zoo.errors import note
    from zoo.options import convert

    sides = convert("--size", args.size, tuple[int, ...])
    size = sides * 2 if len(sides) == 1 else sides
    found = fit_anchors(
        args.place, args.count, size, fit=args.fit, centre=args.centre, seed=args.seed
    )
    for line in found.notices:
        note(line)
    if args.json:
        facts = {"anchors": found.sizes, "mean_iou": found.mean_iou, "size": list(size)}
        print(json.dumps({**facts, "images": found.images, "boxes": found.boxes}))
        return 0
    print(",  ".join(f"{width:.4g},{height:.4g}" for width, height in found.sizes))
    boxes, images = counted(found.boxes, "boxes"), counted(found.images, "images")
    where = f"at {size[0]} x {size[1]} ({args.fit})"
    print(f"mean IoU {found.mean_iou:.4f} of {boxes} in {images}, {where}")
    return 0
