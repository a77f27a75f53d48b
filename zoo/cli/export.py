"""``zoo export NAME --format onnx``: ONNX or torch.export (.pt2), compared with the original."""

import argparse
from collections.abc import Sequence


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", help="weights, a folder of zoo train, or an architecture")
    parser.add_argument(
        "--format", choices=("onnx", "torch"), help="what to write; also told by FILE's end"
    )
    parser.add_argument(
        "--to", metavar="FILE", help="FILE.onnx or FILE.pt2; default NAME.onnx or NAME.pt2 here"
    )
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Write the file and print how far its outputs are from ours; 1 if that is too far."""
    import json

    from zoo.api.exporting import export
    from zoo.pretrained.export import TOLERANCE

    found = export(args.name, args.to, format=args.format)
    shape = ["batch", *found.input_shape]
    if args.json:
        finite = {k: v if v < float("inf") else None for k, v in found.differences.items()}
        facts = {"file": str(found.file), "input": shape, "same": found.same}
        print(json.dumps({**facts, "differences": finite}))  # JSON has no infinity
        return 0 if found.same else 1
    print(f"{found.file}: input {shape}; difference from the original, of its largest value:")
    for batch, difference in found.differences.items():
        print(f"batch {batch}: {difference:.1g}")
    if not found.same:
        print(f"NOT the same: more than {TOLERANCE:g}")
    return 0 if found.same else 1
