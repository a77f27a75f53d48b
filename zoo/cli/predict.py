"""``zoo predict NAME INPUT ...``: raw input in, answer out."""

import argparse
import json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", help="weights (lenet5.mnist), or a folder that zoo train wrote")
    parser.add_argument("input", nargs="+", help="raw inputs: pictures")
    parser.add_argument("--crops", type=int, choices=(1, 10, 144), help="average over crops")
    parser.add_argument("--plot", metavar="PNG", help="draw the answer (one input) to a file")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """One line for each input."""
    from pathlib import Path

    from zoo.predict import load
    from zoo.viz.curves import save

    answers = load(args.name, device=args.device, crops=args.crops)(list(args.input))
    if args.json:
        print(
            json.dumps(
                [{"input": i, **a.to_json()} for i, a in zip(args.input, answers, strict=True)]
            )
        )
    else:
        for raw, answer in zip(args.input, answers, strict=True):
            print(f"{raw}: {answer}")
    if args.plot:
        save(answers[0].plot(), Path(args.plot))
    return 0
