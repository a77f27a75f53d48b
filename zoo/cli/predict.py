"""``zoo predict NAME INPUT ...``: raw input in, answer out."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zoo.cli import listen

if TYPE_CHECKING:
    from zoo.errors import ZooError
    from zoo.predict import Predictor

OPTIONS = (  # a predictor takes some
    *("crops", "temperature", "top_k", "top_p", "length", "seed", "threshold", "refractory"),
    *("beam", "lm", "alpha", "beta", "nbest", "hotwords", "hotword_weight"),
)


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", help="weights (lenet5.mnist), or a folder that zoo train wrote")
    parser.add_argument("input", nargs="+", help="raw inputs: pictures, sound; or text, in quotes")
    parser.add_argument("--crops", type=int, choices=(1, 10, 144), help="average over crops")
    writing = parser.add_argument_group("writing on")
    writing.add_argument("--temperature", type=float, help="below 1 bolder, above 1 wilder")
    writing.add_argument("--top-k", type=int, help="only the K most likely next ones")
    writing.add_argument("--top-p", type=float, help="only the likeliest that together reach P")
    writing.add_argument("--length", type=int, help="how many characters or words to write")
    writing.add_argument("--seed", type=int, help="of the draws")
    listen.arguments(parser)
    parser.add_argument("--plot", metavar="PNG", help="draw the answer (one input) to a file")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """One line for each input."""
    from pathlib import Path

    from zoo.predict import load
    from zoo.viz.curves import save

    options = {name: getattr(args, name) for name in OPTIONS if getattr(args, name) is not None}
    predictor = load(args.name, device=args.device, **options)
    if listen.is_live(predictor, args):
        return listen.run(predictor, args)
    answers, errors = _each(predictor, args.input)
    if args.json:
        print(json.dumps([{"input": raw, **answer.to_json()} for raw, answer in answers]))
    else:
        for raw, answer in answers:
            said = str(answer)
            print(said if raw and said.startswith(raw) else f"{raw}: {said}")  # what writes on
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
