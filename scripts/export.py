"""Export an image network to other programs, and compare its outputs with the original's.

python scripts/export.py lenet5.mnist --to lenet5.onnx      # pip install 'deep-zoo[export]'
python scripts/export.py runs/resnet20.flowers --to flowers.pt2
"""

import argparse

import zoo
from zoo.api.exporting import Exported
from zoo.errors import one_line


def main(name: str, to: str) -> Exported:
    """Write FILE.onnx (ONNX Runtime) or FILE.pt2 (``torch.export.load``), for any batch size."""
    exported = zoo.export(name, to)
    print(f"{exported.file}: input (batch, {', '.join(map(str, exported.input_shape))})")
    for batch, difference in exported.differences.items():
        print(f"batch {batch}: differs by {difference:.1g} of the largest output")
    return exported


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", help="weights, the folder of a run, or an architecture")
    parser.add_argument("--to", required=True, metavar="FILE", help="FILE.onnx or FILE.pt2")
    args = parser.parse_args()
    with one_line():
        raise SystemExit(0 if main(args.name, args.to).same else 1)
