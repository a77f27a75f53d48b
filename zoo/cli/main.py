"""``zoo VERB ...``: find the verb, run it, say errors in one line.

Exit codes: 0 done; 1 done, but a claim or a check failed; 2 wrong use or bad input; 128 + n
stopped by signal n. Verbs are imported when they are called: ``zoo --help`` loads no torch.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from zoo import __version__
from zoo.errors import Interrupted, ZooError

VERBS = {
    "list": "architectures, weights and recipes",
    "info": "what is known about one of them",
    "predict": "raw input in, answer out",
    "train": "run a recipe, or train an architecture on your own folder",
    "finetune": "go on from shipped weights on your own folder",
    "evaluate": "measure weights on the test set, or on your own folder",
    "reproduce": "train every seed of a recipe and compare with the published number",
    "export": "write a model for other programs (torch.export, ONNX)",
    "bench": "our speed and the peer's, side by side",
    "data": "where the data sets are; fetch one",
}


def parser(verb: str | None = None) -> argparse.ArgumentParser:
    """The parser, with the arguments of ``verb`` only."""
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
            import_module(f"zoo.cli.{name}").arguments(sub)
            sub.add_argument("--traceback", action="store_true", help="show where an error arose")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning starves others
    words = list(sys.argv[1:] if argv is None else argv)
    verb = next((word for word in words if not word.startswith("-")), None)
    args = parser(verb).parse_args(words)
    try:
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
        if args.traceback:
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        print(f"zoo: {said}", file=sys.stderr)
        return 2


def run() -> None:
    """The console script."""
    code = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
