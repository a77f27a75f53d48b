"""``zoo evaluate WEIGHTS[+WEIGHTS] [--data PATH]``: the number of the card again, or yours."""

import argparse
from collections.abc import Sequence
from pathlib import Path


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    from zoo.cli.common import data_help

    parser.add_argument(
        "name", help="weights (lenet5.mnist), a folder that zoo train wrote, or A+B, which vote"
    )
    parser.add_argument("--data", metavar="PATH", help=data_help("evaluate", words))
    parser.add_argument("--split", default="test", help="test (default), dev or train")
    parser.add_argument("--crops", type=int, choices=(1, 10, 144), help="average over crops")
    parser.add_argument(
        "--mistakes", metavar="FILE", help="also write the worst mistakes: of images a PNG"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Print the scores; exit code 1 if the card's own number does not come out."""
    import json
    import sys

    from zoo.api.evaluation import evaluate

    found = evaluate(args.name, args.data, split=args.split, device=args.device, crops=args.crops)
    for line in found.task.notices(args.split):
        print(f"note: {line}", file=sys.stderr)
    if args.json:
        facts = {"name": found.name, "split": found.split, **found.scores, "card": found.recorded}
        print(json.dumps(facts))
    else:
        print(found)
    if args.mistakes:
        found.mistakes().save(Path(args.mistakes))
    return 0 if found.same else 1
