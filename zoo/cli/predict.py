"""``zoo predict NAME INPUT ...``: predictions for raw inputs.

The options depend on the weights: ``zoo predict NAME --help`` shows them.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.predictors.predictor import Predictor

LIVE = ("-", "mic")  # live sound: standard input, the microphone


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments, and the options of the weights that ``words`` name."""
    from zoo.cli.predictor_options import add_options

    parser.add_argument(
        "name",
        help="weights (lenet5.mnist), a folder that zoo train wrote, or a file of word vectors",
    )
    parser.add_argument(
        "input",
        nargs="*",
        help="images or sounds (files, folders, http addresses), or text in quotes; - is standard "
        "input (of texts one a line), for a trigger word live sound, as mic is; for a detector "
        "also a video, an animated GIF or camera (--json then prints a line for each frame)",
    )
    parser.add_argument(
        "--file", metavar="F", action="append", default=[], help="a file of texts, one a line"
    )
    parser.add_argument(
        "--text", action="store_true", help="inputs are texts, even - and names of files"
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="compare images two by two (A B, C D, ...; a .csv has a pair a line): do both show "
        "the same? Exit code 0 whatever the answer",
    )
    parser.add_argument(
        "--plot",
        metavar="PLACE",
        help="draw the first answer to a .png, all (the frames of a video) to a .gif, or each to a "
        ".png in FOLDER/",
    )
    parser.add_argument(
        "--save",
        metavar="KIND",
        help="save each answer in the folder --out: json; of boxes also txt (a line for each: "
        "class cx cy w h score, as YOLO's) and crops; the names are those of the inputs",
    )
    parser.add_argument(
        "--out", metavar="FOLDER", default="predictions", help="for --save (default predictions)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument(
        "--optimize",
        action="store_true",
        help="for many images: first time the forms of the network, and take the fastest",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_options(parser, words)


def run(args: argparse.Namespace) -> int:
    """Print one line for each input; exit code 2 if an input cannot be used."""
    from zoo.cli import listen
    from zoo.cli.predict_files import check, check_place
    from zoo.errors import BadInput
    from zoo.loading import load
    from zoo.options import parsed_options

    check_place(args)
    options = parsed_options(args)
    predictor = load(args.name, device=args.device, optimize=args.optimize, **options)
    live = predictor.as_live() if any(name in LIVE for name in args.input) else None
    if live is not None:
        check(args, predictor)
        if args.save is not None:
            raise BadInput("live sound is not saved; leave out --save: --json prints records")
        return listen.run(live, args)
    return answered(predictor, args)


def answered(predictor: "Predictor[Any]", args: argparse.Namespace) -> int:
    """Print and write the answers for inputs that are not live sound; returns the exit code."""
    from zoo.cli.predict_files import Outputs, check
    from zoo.cli.predict_inputs import has_frames, inputs
    from zoo.cli.predict_output import Printer
    from zoo.cli.predict_pairs import pair_predictor, pairs

    if args.verify:
        predictor = pair_predictor(predictor, args)
    check(args, predictor)
    outputs = Outputs(args, predictor)
    printer = Printer(predictor, args.json, outputs.add, lines=has_frames(predictor, args))
    try:
        try:
            for batch in pairs(args.input) if args.verify else inputs(predictor, args):
                printer.batch(batch)
        except KeyboardInterrupt:
            if not printer.live:
                raise
            print(file=sys.stderr)  # after the ^C that the terminal prints
        printer.close()
        outputs.close()
    except BaseException:
        outputs.drop()
        raise
    return 2 if printer.failed else 0
