"""Packed convolutions: the same numbers from oneDNN's own memory format, for inputs of any size."""

import copy
import pickle

import pytest
import torch
from torch import nn

from tests.pretrained.test_optimize import PACKS, PLAIN, made, pictures, relative
from zoo.pretrained.fuse import fold_norms, trace
from zoo.pretrained.packed import PackedConv2d, input_sizes, pack

pytestmark = pytest.mark.skipif(not PACKS, reason="needs oneDNN")


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("laid_out", [True, False])
def test_the_packed_form_gives_the_same(name, laid_out):
    model = made(name)
    graph = trace(copy.deepcopy(model))
    fold_norms(graph)
    assert pack(graph, pictures() if laid_out else None) == sum(
        part.__class__ is PackedConv2d for part in graph.modules()
    )
    others = [] if name == "no convolution" else [pictures(3, size=9)]
    for x in (pictures(), *others, pictures(3).to(memory_format=torch.channels_last)):
        with torch.no_grad():
            assert relative(graph(x), model(x)) < 1e-5


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("size", [(1, 1), (1, 4), (4, 1), (2, 3), (5, 4)], ids=str)
def test_a_packed_sum_of_maps_of_any_size(size, count, kernel):
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 16, kernel, padding=kernel // 2)
    packed, x = PackedConv2d(conv, relu=True), torch.randn(count, 8, *size)
    with torch.no_grad():
        expected, both = conv(x), torch.randn(count, 32, *size)
        layouts = (both[:, :16], both[:, ::2], packed(x))
        channels_last = both[:, 16:].to(memory_format=torch.channels_last)
        repeated = (channels_last[:, :1], channels_last[:, :, :1])
        for other in (*layouts, channels_last, *repeated):
            difference = packed(x, other) - (expected + other).relu()  # which may be all zeros
            assert difference.abs().max() < 1e-5


def test_sums_and_relus_go_into_the_convolution():
    graph = trace(made("residual"))
    fold_norms(graph)
    assert pack(graph) == 7
    called = [graph.get_submodule(n.target) for n in graph.graph.nodes if n.op == "call_module"]
    assert [type(part) for part in called] == [PackedConv2d] * 7
    assert [part.relu for part in called][:3] == [True] * 3
    assert sum(n.op in ("call_function", "call_method") for n in graph.graph.nodes) < 9


# ---- laid out for a size ------------------------------------------------------------------------


def test_the_sizes_are_those_of_each_call():
    graph = trace(made("twice"))
    sizes = input_sizes(graph, pictures(2, size=8))
    called = {node: node.target for node in graph.graph.nodes if node.op == "call_module"}
    assert [(target, sizes[node]) for node, target in called.items() if target == "conv"] == [
        ("conv", (2, 3, 8, 8)), ("conv", (2, 3, 6, 6))
    ]  # fmt: skip


def wide(size):
    """A convolution whose weight oneDNN lays out in a way of its own for inputs of this size."""
    torch.manual_seed(0)
    return PackedConv2d(nn.Conv2d(96, 208, 3, padding=1), relu=False, size=size)


SIZE = (1, 96, 14, 14)


def reorders(packed, x, capfd):
    """How many reorders oneDNN makes in a call."""
    capfd.readouterr()
    with torch.inference_mode(), torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
        packed(x)
    lines = capfd.readouterr().out.splitlines()
    assert any(",exec,cpu,convolution," in line for line in lines)
    return sum(",exec,cpu,reorder," in line for line in lines)


def test_nothing_is_reordered_in_a_call(capfd):
    x = torch.randn(SIZE).to(memory_format=torch.channels_last)
    assert reorders(wide(SIZE), x, capfd) == 0
    assert reorders(wide((8, 96, 56, 56)), x, capfd) + reorders(wide(None), x, capfd) >= 0


def test_the_layout_changes_no_bit_and_other_sizes_are_right():
    for_size, guessed = wide(SIZE), wide(None)
    x = torch.randn(SIZE)
    with torch.inference_mode():
        assert torch.equal(for_size(x), guessed(x))
        for shape in ((3, 96, 14, 14), (1, 96, 7, 9), (2, 96, 30, 1)):
            other = torch.randn(shape)
            assert (for_size(other) - guessed(other)).abs().max() < 1e-5


@pytest.mark.parametrize("size", [None, SIZE])
def test_a_copy_and_a_pickle_give_the_same_bits(size):
    packed, x = wide(size), torch.randn(SIZE)
    with torch.inference_mode():
        for twin in (copy.deepcopy(packed), pickle.loads(pickle.dumps(packed))):
            assert twin.weight.is_mkldnn
            assert torch.equal(twin(x), packed(x))
