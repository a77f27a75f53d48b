"""``zoo evaluate WEIGHTS[+WEIGHTS] [--data PATH]``: scores on the test set or the user's data."""

import argparse
from collections.abc import Sequence
from pathlib import Path


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    from zoo.cli.common import data_help, skip_bad_argument

    parser.add_argument(
        "name", help="weights (lenet5.mnist), a folder that zoo train wrote, or A+B, an ensemble"
    )
    parser.add_argument("--data", metavar="PATH", help=data_help("evaluate", words))
    parser.add_argument(
        "--split", help="test (default), dev or train; of your data also all, or new: not seen yet"
    )
    parser.add_argument("--crops", type=int, choices=(1, 10, 144), help="average over crops")
    parser.add_argument(
        "--mistakes", metavar="FILE", help="also write the worst mistakes; for images a PNG"
    )
    skip_bad_argument(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the scores; exit code 1 if the card's number is not reproduced."""
    import json

    from zoo.api.evaluation import evaluate
    from zoo.errors import note, printable
    from zoo.files import destination

    if args.mistakes:
        destination(Path(args.mistakes))
    result = evaluate(
        args.name,
        args.data,
        split=args.split,
        device=args.device,
        crops=args.crops,
        skip_bad=args.skip_bad,
    )
    for line in result.notices():
        note(line)
    if args.json:
        about = {"name": result.name, "split": result.split, "examples": result.examples}
        about |= {"trained_on": result.trained_on}
        print(json.dumps({**about, **result.scores, "card": result.recorded}))
    else:
        print(printable(result))
    if args.mistakes:
        result.mistakes().save(Path(args.mistakes))
    return 0 if result.same else 1
