"""``zoo predict NAME INPUT ...``: predictions for raw inputs.

The options depend on the weights: ``zoo predict NAME --help`` shows them.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.errors import ZooError
    from zoo.predictors.predictor import Answer, Predictor

LIVE = ("-", "mic")  # live sound: standard input, the microphone


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments, and the options of the weights that ``words`` name."""
    from zoo.cli.predictor_options import add_options

    parser.add_argument(
        "name",
        help="weights (lenet5.mnist), a folder that zoo train wrote, or a file of word vectors",
    )
    parser.add_argument(
        "input", nargs="+", help="images, sound files, or text in quotes; live sound: - or mic"
    )
    parser.add_argument("--plot", metavar="PNG", help="plot the prediction for the first input")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_options(parser, words)


def run(args: argparse.Namespace) -> int:
    """Print one line for each input; exit code 2 if an input cannot be used."""
    from pathlib import Path

    from zoo.cli import listen
    from zoo.files import destination
    from zoo.loading import load
    from zoo.options import parsed_options
    from zoo.viz.curves import save

    if args.plot:
        destination(Path(args.plot))
    predictor = load(args.name, device=args.device, **parsed_options(args))
    live = predictor.as_live() if any(name in LIVE for name in args.input) else None
    if live is not None:
        return listen.run(live, args)
    answers, errors = _predict_each(predictor, predictor.spread(args.input))
    if args.json:
        print(json.dumps([{"input": raw, **answer.to_json()} for raw, answer in answers]))
    else:
        for raw, answer in answers:
            text = str(answer)
            print(text if raw and text.startswith(raw) else f"{raw}: {text}")  # a continued text
    for error in errors:
        print(f"zoo: {error}", file=sys.stderr)
    if args.plot and answers:
        save(answers[0][1].plot(), Path(args.plot))
    return 2 if errors else 0


def _predict_each(
    predictor: "Predictor[Any]", inputs: list[str]
) -> "tuple[list[tuple[str, Answer]], list[ZooError]]":
    """The predictions, and the errors of inputs that cannot be used; the others are predicted."""
    from zoo.errors import ZooError

    answers: list[tuple[str, Answer]] = []
    errors: list[ZooError] = []
    for raw, result in zip(inputs, predictor.each(inputs), strict=True):
        if isinstance(result, ZooError):
            errors.append(result)
        else:
            answers.append((raw, result))
    return answers, errors
