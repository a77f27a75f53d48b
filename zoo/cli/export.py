"""``zoo export NAME --format onnx``: ONNX or torch.export (.pt2), compared with the original."""

import argparse
from collections.abc import Sequence
from pathlib import Path

FORMATS = {"onnx": ".onnx", "torch": ".pt2"}


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", help="weights, a folder of zoo train, or an architecture")
    parser.add_argument("--format", choices=FORMATS, help="what to write; also told by FILE's end")
    parser.add_argument(
        "--to", metavar="FILE", help="FILE.onnx or FILE.pt2; default NAME.onnx or NAME.pt2 here"
    )
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Write the file and print how far its outputs are from ours; 1 if that is too far."""
    import json

    from zoo import cards, registry
    from zoo.data.image.preprocess import PictureFrontEnd
    from zoo.pretrained.create import create_model, from_card
    from zoo.pretrained.export import TOLERANCE, export

    path = _path(args.name, args.format, args.to)
    if args.name in registry.list_models():
        _pictures_only(args.name, registry.entry(args.name).task)
        model, shape = create_model(args.name), registry.entry(args.name).input_shape
    else:
        card = cards.card(args.name)
        _pictures_only(card.name, card.task)
        model, shape = from_card(card), PictureFrontEnd.from_card(card.front_end).input_shape
    found = export(model, shape, path)
    fine = all(difference <= TOLERANCE for difference in found.values())
    told = {k: v if v < float("inf") else None for k, v in found.items()}  # JSON has no infinity
    facts = {"file": str(path), "input": ["batch", *shape], "same": fine}
    if args.json:
        print(json.dumps({**facts, "differences": told}))
        return 0 if fine else 1
    print(f"{path}: input {facts['input']}; difference from the original, of its largest value:")
    for batch, difference in found.items():
        print(f"batch {batch}: {difference:.1g}")
    if not fine:
        print(f"NOT the same: more than {TOLERANCE:g}")
    return 0 if fine else 1


def _pictures_only(name: str, task: str) -> None:
    from zoo.errors import BadInput

    if task != "classification":
        raise BadInput(f"zoo export writes networks for pictures; {name} is for the task {task}")


def _path(name: str, form: str | None, to: str | None) -> Path:
    """Where to write, from --format and --to."""
    from zoo.errors import BadInput

    if to is None and form is None:
        raise BadInput("zoo export needs --format onnx or torch, or --to FILE.onnx or FILE.pt2")
    path = Path(to or f"{Path(name).resolve().name if '/' in name else name}{FORMATS[str(form)]}")
    if form and path.suffix != FORMATS[form]:
        raise BadInput(f"--format {form} writes {FORMATS[form]} files, but --to is {path}")
    return path
