"""``zoo VERB ...``: find the verb, run it, say errors in one line.

Exit codes: 0 done; 1 done, but a claim or a check failed; 2 wrong use or bad input; 128 + n
stopped by signal n. Verbs are imported when they are called: ``zoo --help`` loads no torch.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from zoo import __version__
from zoo.errors import Interrupted, ZooError
from zoo.options import no_option

VERBS = {
    "list": "architectures, weights and recipes",
    "info": "what is known about one of them",
    "predict": "raw input in, answer out",
    "train": "run a recipe, or train an architecture on your data",
    "finetune": "go on from shipped weights on your data",
    "evaluate": "measure weights on the test set, or on your data",
    "reproduce": "train every seed of a recipe and compare with the published number",
    "export": "write a model for other programs (torch.export, ONNX)",
    "bench": "our speed and the peer's, side by side",
    "debias": "take a direction such as gender out of word vectors, with measures before and after",
    "ngram": "learn an n-gram language model from text, for decoding speech",
    "data": "where the data sets are; fetch one",
}


def parser(verb: str, words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser, with the arguments of ``verb`` only.

    Args:
        words: what was typed behind the verb; what it takes may depend on the name that follows.
    """
    top = argparse.ArgumentParser(
        prog="zoo",
        description="Classic deep-learning architectures: readable, proved, trained.",
        epilog="zoo VERB --help says more. Documentation: README.md",
    )
    top.add_argument("--version", action="version", version=f"zoo {__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, summary in VERBS.items():
        sub = verbs.add_parser(name, help=summary, description=summary[0].upper() + summary[1:])
        if name == verb:
            import_module(f"zoo.cli.{name}").arguments(sub, words)
            sub.add_argument("--traceback", action="store_true", help="show where an error arose")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning starves others
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        args = _parsed(words)
        return int(import_module(f"zoo.cli.{args.verb}").run(args) or 0)
    except Interrupted as error:
        print(f"zoo: {error}", file=sys.stderr)
        return 128 + error.signal_number
    except KeyboardInterrupt:
        print("zoo: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `zoo list | head`: nobody listens any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ZooError, OSError, MemoryError) as error:
        if "--traceback" in words:
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, OSError) and error.errno and not error.filename:
            said = f"cannot write the output: {error.strerror}"  # a print that filled the buffer
        print(f"zoo: {said}", file=sys.stderr)
        return 2


def _parsed(words: list[str]) -> argparse.Namespace:
    """The arguments; field=value may also stand behind an option, where argparse stops looking."""
    at = next((n for n, word in enumerate(words) if not word.startswith("-")), len(words))
    top = parser("".join(words[at : at + 1]), words[at + 1 :])
    args, rest = top.parse_known_args(words)
    flags = [word for word in rest if word.startswith("-")]
    if flags and "owner" in args:  # the options are those of weights (zoo/cli/predictor_options.py)
        name = flags[0].lstrip("-").partition("=")[0].replace("-", "_")
        raise no_option(args.owner, name, args.options)
    if flags or (rest and "field" not in args):
        top.error(f"unrecognized arguments: {' '.join(flags or rest)}")
    if rest:
        args.field = [*args.field, *rest]
    return args


def run() -> None:
    """The console script."""
    code: int | str | None
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # no name of a file is worth a traceback
            stream.reconfigure(errors="backslashreplace")
    try:
        code = main()
    except SystemExit as stop:  # --help, or wrong use
        code = stop.code
    try:
        if sys.stdout is not None:  # None: closed by the caller, `zoo list >&-`
            sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            code = 2
            print(f"zoo: cannot write the output: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
