"""What the training verbs share."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from zoo.cards import Card
from zoo.errors import BadInput

OWN_DATA = (
    "your own: pictures in a folder per class or a CSV of file,label; sentences in a CSV of "
    "text,label; tagged words in a CoNLL file; plain text; speech in JSON lines of audio_filepath, "
    "duration, text; a trigger word in folders word/, other/ and background/"
)


def training_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of every verb that trains."""
    parser.add_argument("field", nargs="*", help="recipe fields to change: steps=200 lr=0.01 ...")
    parser.add_argument("--out", metavar="DIR", help="where to write (default runs/NAME)")
    parser.add_argument("--fresh", action="store_true", help="start again, removing what DIR holds")
    parser.add_argument("--anyway", action="store_true", help="go on although settings differ")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--tensorboard", action="store_true", help="also write TensorBoard files")
    parser.add_argument("--json", action="store_true", help="for machines")


def overrides(words: Iterable[str]) -> dict[str, str]:
    """``["steps=200"]`` to ``{"steps": "200"}``."""
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise BadInput(f"{word!r} is not field=value, such as steps=200")
        pairs[name] = value
    return pairs


def set_threads(threads: int | None) -> None:
    """Use that many CPU threads, if a number is given."""
    if threads is not None:
        if threads < 1:
            raise BadInput(f"--threads must be at least 1, got {threads}")
        import torch

        torch.set_num_threads(threads)


def clear(folder: Path) -> None:
    """Remove an earlier run: checkpoints and log of each seed, and nothing else."""
    import shutil

    from zoo import files
    from zoo.engine.checkpoint import Checkpoints

    files.make_folder(folder)
    for one in [folder, *folder.glob("seed-*")]:
        if (one / "checkpoints").is_dir():
            with Checkpoints(one / "checkpoints"):  # refuses if somebody is training there
                shutil.rmtree(one / "checkpoints")
        (one / "log.jsonl").unlink(missing_ok=True)


def report(card: Card, folder: Path, as_json: bool) -> None:
    """The table, whether the claim is met, and what to do next."""
    import json

    from zoo.reproduce.ledger import plain

    if as_json:
        names = ("name", "metric", "unit", "measured", "mean", "spread", "paper", "met", "seconds")
        facts = {name: getattr(card, name) for name in names}
        print(json.dumps({**facts, "folder": str(folder)}))
        return
    print(plain([card]))
    if card.met is not None:
        verdict = "met" if card.met else "NOT met"
        bound = "at least" if card.better == "higher" else "at most"
        print(f"claim {verdict}: {bound} {card.limit:.2f} {card.unit} ({card.paper_source})")
    print(f"written to {folder}: {', '.join(sorted(p.name for p in folder.glob('*.*')))}")
