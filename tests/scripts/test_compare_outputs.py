"""scripts/compare_outputs.py: every bit counts."""

import pytest
import torch
from safetensors.torch import load_file, save_file

import zoo
from scripts.compare_outputs import compare, same_bits, write


def test_all_shipped_weights_and_one_bit(tmp_path):
    before, after = str(tmp_path / "a.safetensors"), str(tmp_path / "b.safetensors")
    count = write(before)
    assert count == sum(not zoo.card(name).converter for name in zoo.list_weights())
    assert compare(before, before) == []
    tensors = load_file(before)
    name = "lenet5.mnist: output"
    tensors[name].view(torch.int32)[3] ^= 1
    del tensors["mlp.mnist: output"]
    save_file(tensors, after)
    assert compare(before, after) == [name, "mlp.mnist: output"]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ([float("nan"), 0.0], True),
        ([float("nan"), -0.0], False),
        ([1.0, 0.0], False),
    ],
)
def test_bits(other, same):
    assert same_bits(torch.tensor([float("nan"), 0.0]), torch.tensor(other)) is same
    assert not same_bits(torch.zeros(2), torch.zeros(2, dtype=torch.float64))
    assert not same_bits(torch.zeros(2), torch.zeros(1, 2))
