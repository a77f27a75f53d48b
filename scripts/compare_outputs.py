"""Outputs of all shipped weights, written exactly; and two such files compared, bit for bit.

python scripts/compare_outputs.py write before.safetensors
python scripts/compare_outputs.py compare before.safetensors after.safetensors

Of each weights file: its parameters as loaded, and the network's output for the input of its test
vector. To see that a change of the code changes no answer, run the first line before and after it.
"""

import sys

import torch
from safetensors.torch import load_file, save_file

import zoo


def write(path: str) -> int:
    """Write the tensors of all weights that lie here; how many weights these are."""
    torch.set_num_threads(1)  # sums of floats depend on their order
    found: dict[str, torch.Tensor] = {}
    names = [name for name in zoo.list_weights() if not zoo.card(name).converter]
    for name in names:
        predictor = zoo.load(name, device="cpu")
        found[f"{name}: output"] = predictor.output_of(predictor.vector_input()).contiguous()
        for key, tensor in predictor.model.state_dict().items():
            found[f"{name}: {key}"] = tensor.clone().contiguous()
    save_file(found, path)
    return len(names)


def compare(before: str, after: str) -> list[str]:
    """The names of tensors that differ in a bit, or that only one of the files has."""
    a, b = load_file(before), load_file(after)
    return [
        name
        for name in sorted(a.keys() | b.keys())
        if name not in a or name not in b or not same_bits(a[name], b[name])
    ]


def same_bits(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors have the same type, shape and bytes: NaN is equal to itself."""
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return False
    return torch.equal(a.reshape(-1).view(torch.uint8), b.reshape(-1).view(torch.uint8))


if __name__ == "__main__":
    verb, *files = sys.argv[1:]
    if verb == "write":
        print(f"outputs of {write(files[0])} weights written to {files[0]}")
    else:
        different = compare(*files)
        print(f"{len(load_file(files[0]))} tensors, different: {', '.join(different) or 'none'}")
        sys.exit(1 if different else 0)
