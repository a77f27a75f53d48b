"""``zoo export NAME --to FILE``: torch.export (.pt2) or ONNX (.onnx), checked against the original."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", help="weights, or an architecture (fresh weights)")
    parser.add_argument("--to", metavar="FILE", required=True, help="FILE.pt2 or FILE.onnx")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Write the file and print how far its outputs are from ours."""
    import json

    from zoo.pretrained.create import create_model
    from zoo.pretrained.export import export
    from zoo.registry import entry

    model = create_model(args.name)
    shape = entry(args.name.partition(".")[0]).input_shape
    difference = export(model, shape, Path(args.to))
    facts = {"file": args.to, "input": ["batch", *shape], "largest_difference": difference}
    print(json.dumps(facts) if args.json else f"{args.to}: input {facts['input']}, "
          f"largest difference from the original {difference:.1g}")  # fmt: skip
    return 0
