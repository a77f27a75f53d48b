"""``zoo see NAME FILE``: what the layers of a network of images see, as one picture."""

import argparse
from collections.abc import Sequence
from pathlib import Path

METHODS = "grad-cam, occlusion, integrated, guided, deconvnet, patches, filters"


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", help="weights (resnet20.fashion), a run's folder, an architecture")
    parser.add_argument("file", nargs="?", help="an image")
    parser.add_argument("--layers", action="store_true", help="list the layers, and look at none")
    parser.add_argument(
        "--method",
        default="all",
        help=f"some of {METHODS}, with commas between them; default all of them",
    )
    parser.add_argument("--layer", metavar="NAME", help="one layer; default some of them")
    parser.add_argument(
        "--target", metavar="CLASS", help="the class that is explained; default the best"
    )
    parser.add_argument(
        "--data",
        metavar="PLACE",
        help="a folder of images or a data set (mnist), of which each filter's patches are shown",
    )
    parser.add_argument("--window", type=int, metavar="N", help="side of the window that occludes")
    parser.add_argument("--step", type=int, metavar="N", help="pixels between its positions")
    parser.add_argument("--out", metavar="PNG", default="seen.png", help="default seen.png")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Write the sheet, or list the layers."""
    import json

    from zoo.errors import BadInput, note, printable

    if args.layers:
        return _list(args)
    if args.file is None:
        raise BadInput("zoo see looks at an image: zoo see NAME FILE; --layers lists the layers")
    from zoo.files import destination

    out = Path(args.out)
    destination(out)
    from zoo.api.seeing import see

    seen = see(
        args.name,
        args.file,
        method=args.method,
        layer=args.layer,
        target=args.target,
        data=args.data,
        window=args.window,
        step=args.step,
        device=args.device,
    )
    for line in seen.notices:
        note(line)
    seen.save(out)
    if args.json:
        print(json.dumps({"input": args.file, "out": str(out), **seen.to_json()}))
    else:
        print(printable(f"{args.file}: {seen}\nwritten to {out}"))
    return 0


def _list(args: argparse.Namespace) -> int:
    import json

    from zoo.api.seeing import seen_layers

    found = seen_layers(args.name, device=args.device)
    rows = [layer.to_json() for layer in (*found.convolutions, *found.modules)]
    if args.json:
        print(json.dumps(rows))
        return 0
    wide = max(len(row["name"]) for row in rows)
    for row in rows:
        size = "x".join(map(str, row["maps"]))
        sees = "all" if row["field"] is None else "x".join(f"{side:g}" for side in row["field"])
        print(f"{row['name']:<{wide}}  {row['kind']:<16} {size:<12} sees {sees}")
    return 0
