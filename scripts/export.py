"""Write an image network for other programs, and compare it there with the original.

python scripts/export.py lenet5.mnist --to lenet5.onnx      # pip install 'deep-zoo[export]'
python scripts/export.py runs/resnet20.flowers --to flowers.pt2
"""

import argparse

import zoo
from zoo.api.exporting import Exported


def main(name: str, to: str) -> Exported:
    """FILE.onnx (ONNX Runtime runs it) or FILE.pt2 (``torch.export.load``); any batch size."""
    found = zoo.export(name, to)
    print(f"{found.file}: input (batch, {', '.join(map(str, found.input_shape))})")
    for batch, difference in found.differences.items():
        print(f"batch {batch}: differs by {difference:.1g} of the largest output")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", help="weights, the folder of a run, or an architecture")
    parser.add_argument("--to", required=True, metavar="FILE", help="FILE.onnx or FILE.pt2")
    args = parser.parse_args()
    raise SystemExit(0 if main(args.name, args.to).same else 1)
