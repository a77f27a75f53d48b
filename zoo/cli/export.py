"""``zoo export NAME --format onnx``: ONNX, torch.export (.pt2), Darknet's .weights; compared."""

import argparse
from collections.abc import Sequence


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", help="weights, a folder that zoo train wrote, or an architecture")
    parser.add_argument(
        "--format",
        choices=("onnx", "torch", "darknet"),
        help="file format (default: from FILE's suffix)",
    )
    parser.add_argument(
        "--to",
        metavar="FILE",
        help="FILE.onnx, FILE.pt2 or FILE.weights; default NAME with that suffix here",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Write the file and print how much its outputs differ; exit code 1 if they differ too much."""
    import json

    from zoo.api.exporting import export
    from zoo.pretrained.export import TOLERANCE

    exported = export(args.name, args.to, format=args.format)
    shape = ["batch", *exported.input_shape]
    if args.json:
        finite = {k: v if v < float("inf") else None for k, v in exported.differences.items()}
        facts = {"file": str(exported.file), "input": shape, "same": exported.same}
        print(json.dumps({**facts, "differences": finite}))  # JSON has no infinity
        return 0 if exported.same else 1
    if not exported.differences:
        print(f"{exported.file}: {exported.file.stat().st_size:,} bytes, read back bit for bit")
        return 0
    print(f"{exported.file}: input {shape}; largest difference, relative to the largest output:")
    for batch, difference in exported.differences.items():
        print(f"batch {batch}: {difference:.1g}")
    if not exported.same:
        print(f"NOT the same: more than {TOLERANCE:g}")
    return 0 if exported.same else 1
