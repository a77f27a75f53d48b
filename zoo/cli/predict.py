"""``zoo predict NAME INPUT ...``: predictions for raw inputs.

The options depend on the weights: ``zoo predict NAME --help`` shows them.
"""

import argparse
from collections.abc import Sequence

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
        "input (of texts one a line), for a trigger word live sound, as mic is",
    )
    parser.add_argument(
        "--file", metavar="F", action="append", default=[], help="a file of texts, one a line"
    )
    parser.add_argument(
        "--text", action="store_true", help="inputs are texts, even - and names of files"
    )
    parser.add_argument("--plot", metavar="PNG", help="plot the prediction for the first input")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_options(parser, words)


def run(args: argparse.Namespace) -> int:
    """Print one line for each input; exit code 2 if an input cannot be used."""
    from pathlib import Path

    from zoo.cli import listen
    from zoo.cli.predict_inputs import inputs
    from zoo.cli.predict_output import Printer
    from zoo.errors import BadInput
    from zoo.files import destination
    from zoo.loading import load
    from zoo.options import parsed_options
    from zoo.viz.curves import save

    if args.plot is not None:
        destination(Path(args.plot))
    predictor = load(args.name, device=args.device, **parsed_options(args))
    if args.plot and not predictor.draws:
        raise BadInput(f"answers of {args.name} cannot be drawn; leave out --plot")
    live = predictor.as_live() if any(name in LIVE for name in args.input) else None
    if live is not None:
        return listen.run(live, args)
    printer = Printer(predictor, args.json)
    for batch in inputs(predictor, args):
        printer.batch(batch)
    printer.close()
    if args.plot and printer.first is not None:
        save(printer.first.plot(), Path(args.plot))
    return 2 if printer.failed else 0
