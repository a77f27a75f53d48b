"""``zoo predict NAME INPUT ...``: raw input in, answer out."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.errors import ZooError
    from zoo.predict import Predictor


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

    answers, errors = _each(load(args.name, device=args.device, crops=args.crops), args.input)
    if args.json:
        print(json.dumps([{"input": raw, **answer.to_json()} for raw, answer in answers]))
    else:
        for raw, answer in answers:
            print(f"{raw}: {answer}")
    for error in errors:
        print(f"zoo: {error}", file=sys.stderr)
    if args.plot and answers:
        save(answers[0][1].plot(), Path(args.plot))
    return 2 if errors else 0


def _each(
    predictor: "Predictor", inputs: list[str]
) -> "tuple[list[tuple[str, Any]], list[ZooError]]":
    """The answers, and what is wrong with inputs that have none: a bad one spoils no other's."""
    from zoo.errors import ZooError

    try:
        return list(zip(inputs, predictor(inputs), strict=True)), []
    except ZooError:
        answers, errors = [], []
        for raw in inputs:
            try:
                answers.append((raw, predictor(raw)))
            except ZooError as error:
                errors.append(error)
        return answers, errors
