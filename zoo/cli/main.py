"""``zoo VERB ...``: run a verb and print errors in one line.

Exit codes: 0 success; 1 a claim or a check failed; 2 wrong usage or bad input; 128 + n stopped by
signal n. A verb's module is imported when it is called: ``zoo --help`` does not import torch.
"""

import argparse
import io
import os
import re
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from zoo import __version__
from zoo.errors import Interrupted, ZooError, note, one_line_of
from zoo.options import unknown_option

NO_MEMORY = re.compile("allocate memory|out of memory")
VERBS = {
    "list": "list architectures, weights and recipes",
    "info": "show the facts about one of them",
    "predict": "predict from images, texts or sound files",
    "train": "run a recipe, or train an architecture on your data",
    "finetune": "fine-tune pretrained weights on your data",
    "evaluate": "measure weights on the test set, or on your data",
    "reproduce": "train every seed of a recipe and compare with the published number",
    "see": "what the layers of a network of images see",
    "export": "write a model for other programs (torch.export, ONNX)",
    "bench": "measure the speed of the zoo and of other libraries, side by side",
    "stylize": "paint a photo in the style of a painting",
    "faces": "who is on this photo? A book of faces in one file, without pictures",
    "debias": "remove a direction such as gender from word vectors, measured before and after",
    "ngram": "estimate an n-gram language model from text, for decoding speech",
    "data": "list the data sets and their folder; download one",
}


def parser(verb: str, words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser of the command line, with the arguments of ``verb`` only.

    Args:
        words: the words after the verb; the options of a verb may depend on the name among them.
    """
    top = argparse.ArgumentParser(
        prog="zoo",
        description="Classic deep-learning architectures: readable, proved, trained.",
        epilog="zoo VERB --help shows the arguments of a verb. Documentation: README.md",
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
    """Run one command; returns its exit code."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning starves others
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        args = _parse_words(words)
        return int(import_module(f"zoo.cli.{args.verb}").run(args) or 0)
    except Interrupted as error:
        print(f"zoo: {error}", file=sys.stderr)
        return 128 + error.signal_number
    except KeyboardInterrupt:
        print("zoo: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `zoo list | head`: the reader has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ZooError, OSError, MemoryError, RuntimeError) as error:
        if "--traceback" in words or _is_bug(error):
            raise
        print(f"zoo: {_line(error)}", file=sys.stderr)
        return 2


def _is_bug(error: Exception) -> bool:
    """Whether an error is not to be told in one line: torch has no class for a lack of memory."""
    ours = isinstance(error, ZooError | OSError | MemoryError)
    return not ours and not NO_MEMORY.search(str(error))


def _line(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno and not error.filename:
        return f"cannot write the output: {error.strerror}"  # raised by print
    if not isinstance(error, ZooError | OSError):
        return "out of memory: use a smaller input, model or batch_size"
    return one_line_of(error) or type(error).__name__


def _parse_words(words: list[str]) -> argparse.Namespace:
    """The arguments; fields and inputs are also accepted after an option, as argparse does not."""
    at = next((n for n, word in enumerate(words) if not word.startswith("-")), len(words))
    top = parser("".join(words[at : at + 1]), words[at + 1 :])
    args, rest = top.parse_known_args(words)
    flags = [word for word in rest if word.startswith("-") and word != "-"]
    if flags and "owner" in args:  # the options are those of weights (zoo/cli/predictor_options.py)
        name = flags[0].lstrip("-").partition("=")[0].replace("-", "_")
        raise unknown_option(args.owner, name, args.options)
    more = [name for name in ("field", "input") if name in args]  # take any number of words
    if flags or (rest and not more):
        top.error(f"unrecognized arguments: {' '.join(flags or rest)}")
    for name in more:
        vars(args)[name] = [*vars(args)[name], *rest]
    return args


def run() -> None:
    """The entry point of the console script ``zoo``."""
    code: int | str | None
    warnings.showwarning = lambda message, *_, **__: note(str(message))  # one line, no source
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # file names may hold undecodable bytes
            stream.reconfigure(errors="backslashreplace")
    try:
        code = main()
    except SystemExit as stop:  # --help, or wrong usage
        code = stop.code
    try:
        if sys.stdout is not None:  # None: closed by the caller, `zoo list >&-`
            sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            code = 2
            print(f"zoo: cannot write the output: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        _leave(code)
    sys.exit(code)


def _leave(code: int | str | None) -> NoReturn:
    """End a rank of torchrun without tearing the interpreter down.

    Threads of gloo that still run then abort the process ("terminate called without an active
    exception"), one run in ten, and torchrun takes that for a failure.
    """
    if isinstance(code, str):
        print(code, file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))
