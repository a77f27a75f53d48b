"""``zoo export NAME --to FILE``: torch.export (.pt2) or ONNX, compared with the original."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", help="weights, a folder of zoo train, or an architecture")
    parser.add_argument("--to", metavar="FILE", required=True, help="FILE.pt2 or FILE.onnx")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Write the file and print how far its outputs are from ours."""
    import json

    from zoo import cards, registry
    from zoo.data.front_end import PictureFrontEnd
    from zoo.pretrained.create import create_model, from_card
    from zoo.pretrained.export import export

    if args.name in registry.list_models():
        model, shape = create_model(args.name), registry.entry(args.name).input_shape
    else:
        card = cards.card(args.name)
        model, shape = from_card(card), PictureFrontEnd.from_card(card.front_end).input_shape
    difference = export(model, shape, Path(args.to))
    facts = {"file": args.to, "input": ["batch", *shape], "largest_difference": difference}
    print(json.dumps(facts) if args.json else f"{args.to}: input {facts['input']}, "
          f"largest difference from the original {difference:.1g}")  # fmt: skip
    return 0
