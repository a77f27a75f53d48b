"""Arguments and output that several verbs share."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from zoo.errors import BadInput, ZooError, note, printable
from zoo.options import parse_fields

if TYPE_CHECKING:
    from zoo.api.training import Trained
RESERVED = ("name", "data", "out", "device", "fresh", "anyway", "show", "tensorboard", "seeds")


def data_help(verb: str, words: Sequence[str]) -> str:
    """Help of ``--data``: the format of the user's data depends on the task.

    Args:
        words: the words after the verb; the first name among them determines the task.
    """
    name = next((word for word in words if not word.startswith("-")), "")
    form = data_form(task_of(name)) if name else ""
    if not form:
        return f"your data, a folder or a file; zoo {verb} NAME --help describes the format"
    return f"your data: {form}".replace("%", "%%")


def task_of(name: str) -> str:
    """The task of an architecture, weights or a recipe, without torch; "" for an unknown name."""
    from zoo import cards, registry

    arch = name.split("+")[0].partition(".")[0]
    if task := registry.task_of(arch):
        return task
    try:
        return cards.card(name).task
    except ZooError:
        return ""


def data_form(task: str) -> str:
    """The format of the user's data for a task; "" for a task that takes none."""
    from importlib import import_module
    from importlib.util import find_spec

    from zoo import registry

    forms = registry.index()["own_data"]
    if task in forms or not task:
        return str(forms.get(task, ""))
    module = f"zoo.data.own.{task}"  # a task that is not in the index
    return str(vars(import_module(module)).get("FORM", "")) if find_spec(module) else ""


def training_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of every verb that trains."""
    parser.add_argument("field", nargs="*", help="recipe fields to change: steps=200 lr=0.01 ...")
    parser.add_argument("--out", metavar="DIR", help="where to write (default runs/NAME)")
    parser.add_argument("--fresh", action="store_true", help="start again; removes the run in DIR")
    parser.add_argument("--anyway", action="store_true", help="resume although settings differ")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--tensorboard", action="store_true", help="also write TensorBoard files")
    parser.add_argument("--json", action="store_true", help="print JSON")


def skip_bad_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument of every verb that reads the user's data."""
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="leave out files and rows of your data that cannot be used, and list them",
    )


def overrides(words: Iterable[str]) -> dict[str, str]:
    """``["steps=200"]`` to ``{"steps": "200"}``."""
    pairs = parse_fields(words)
    for name in pairs:
        if name in RESERVED:
            raise BadInput(f"{name} is not a field of a recipe; write --{name}")
    return pairs


def set_threads(threads: int | None) -> None:
    """Set the number of CPU threads, if one is given."""
    if threads is not None:
        if threads < 1:
            raise BadInput(f"--threads must be at least 1, got {threads}")
        import torch

        torch.set_num_threads(threads)


def training_options(args: argparse.Namespace) -> dict[str, Any]:
    """The keyword arguments of ``zoo.train`` and the like, from the command line."""
    set_threads(args.threads)
    return {
        **overrides(args.field),
        **{name: getattr(args, name) for name in ("out", "fresh", "anyway", "device")},
        "tensorboard": args.tensorboard,
        "show": not args.json,
    }


def run_training(start: "Callable[[], Trained]", args: argparse.Namespace) -> int:
    """Train, and print the result on rank 0; returns the exit code."""
    from zoo.engine import distributed

    with distributed.process_group():
        run = start()
        if distributed.rank() == 0:
            for line in run.notices if args.json else []:  # else they were shown at the start
                note(line)
            for line in [] if args.json else filter(None, [*run.notes, run.report]):
                print(printable(line))
            report(run, args.json)
    return 0


def report(run: "Trained", as_json: bool) -> None:
    """Print the result of a run: the table, whether the claim is met, the files, how to try it."""
    import json

    from zoo.reproduce.ledger import terminal_table

    card, folder = run.card, run.folder
    if as_json:
        names = ("name", "metric", "unit", "measured", "mean", "spread", "paper", "met", "seconds")
        facts = {name: getattr(card, name) for name in names}
        print(json.dumps({**facts, "folder": str(folder)}))
        return
    print(terminal_table([card]))
    if card.met is not None:
        verdict = "met" if card.met else "NOT met"
        bound = "at least" if card.better == "higher" else "at most"
        print(f"claim {verdict}: {bound} {card.limit:.2f} {card.unit} ({card.paper_source})")
    print(f"written to {folder}: {', '.join(sorted(p.name for p in folder.glob('*.*')))}")
    print(printable(f"try it: {run.command}"))
