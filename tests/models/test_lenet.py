"""LeNet-5 against the paper's counts and against an implementation in numpy and scipy."""

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d

from tests.models import checks
from zoo.losses.rbf import map_loss
from zoo.models.lenet import C3_SOURCES, RBF, LeNet5, LeNet5of1998, ScaledTanh, SubSampling
from zoo.models.lenet_targets import digit_codes

NAMES = ("lenet5", "lenet5_1998")


def counts(model):
    """Parameters of each layer; activations, which stand between layers, have none."""
    parts = {name: list(part.parameters()) for name, part in model.named_children()}
    activations = {"tanh", "squash"}
    assert not any(parts[name] for name in activations & set(parts))
    return {n: sum(p.numel() for p in part) for n, part in parts.items() if n not in activations}


def test_parameters_of_the_paper():
    expected = {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48120, "f6": 10164, "output": 0}
    assert counts(LeNet5of1998()) == expected
    assert sum(expected.values()) == 60_000


def test_parameters_of_the_form_everybody_trains():
    expected = {"c1": 156, "s2": 0, "c3": 2416, "s4": 0, "c5": 48120, "f6": 10164, "output": 850}
    assert counts(LeNet5()) == expected
    assert sum(expected.values()) == 61_706


def test_connections_of_the_paper():
    """Sec. II.B counts connections: kernel inputs and bias at every output pixel."""
    assert 28 * 28 * 156 == 122_304  # C1
    assert 14 * 14 * 6 * (4 + 1) == 5_880  # S2
    assert 10 * 10 * counts(LeNet5of1998())["c3"] == 151_600  # C3
    assert 5 * 5 * 16 * (4 + 1) == 2_000  # S4


def test_table_1():
    sizes = [len(sources) for sources in C3_SOURCES]
    assert sizes == [3] * 6 + [4] * 9 + [6]
    seen_by = [sum(source in sources for sources in C3_SOURCES) for source in range(6)]
    assert seen_by == [10] * 6  # each column of Table I has ten crosses
    assert [set(C3_SOURCES[n]) for n in (4, 11, 12, 14)] == [
        {4, 5, 0}, {5, 0, 1, 2}, {0, 1, 3, 4}, {0, 2, 3, 5}
    ]  # fmt: skip


@pytest.mark.parametrize("model", [LeNet5, LeNet5of1998])
def test_shapes_of_every_layer(model):
    seen = {}
    net = model()
    for name in counts(net):
        part = net.get_submodule(name)
        part.register_forward_hook(lambda m, i, o, name=name: seen.update({name: tuple(o.shape)}))
    net(torch.zeros(2, 1, 32, 32))
    expected = {"c1": (2, 6, 28, 28), "s2": (2, 6, 14, 14), "c3": (2, 16, 10, 10)}
    expected |= {"s4": (2, 16, 5, 5), "c5": (2, 120, 1, 1), "f6": (2, 84), "output": (2, 10)}
    assert seen == {name: expected[name] for name in seen}
    assert len(seen) == len(counts(net))


def convolve(maps, weight, bias, sources=None):
    """(C, H, W) numpy, each output map the sum of correlations with the maps it sees."""
    out = []
    for n in range(len(bias)):
        seen = range(len(maps)) if sources is None else sources[n]
        parts = [correlate2d(maps[c], weight[n][k], mode="valid") for k, c in enumerate(seen)]
        out.append(sum(parts) + bias[n])
    return np.stack(out)


def squares(maps):
    """Sums over 2x2 squares."""
    return maps[:, 0::2, 0::2] + maps[:, 1::2, 0::2] + maps[:, 0::2, 1::2] + maps[:, 1::2, 1::2]


def numpy_lenet5(p, picture):
    x = squares(np.tanh(convolve(picture, p["c1.weight"], p["c1.bias"]))) / 4
    x = squares(np.tanh(convolve(x, p["c3.weight"], p["c3.bias"]))) / 4
    x = np.tanh(convolve(x, p["c5.weight"], p["c5.bias"]))[:, 0, 0]
    x = np.tanh(p["f6.weight"] @ x + p["f6.bias"])
    return p["output.weight"] @ x + p["output.bias"]


def numpy_lenet5_1998(p, picture):
    def f(a):
        return 1.7159 * np.tanh(2 / 3 * a)

    kernels, rows = iter(p["c3.weight"]), []
    for sources in C3_SOURCES:  # the 60 kernels, in the order of Table I's columns
        rows.append([next(kernels) for _ in sources])
    x = f(convolve(picture, p["c1.weight"], p["c1.bias"]))
    x = f(squares(x) * p["s2.coefficient"] + p["s2.bias"])
    x = f(convolve(x, rows, p["c3.bias"], C3_SOURCES))
    x = f(squares(x) * p["s4.coefficient"] + p["s4.bias"])
    x = f(convolve(x, p["c5.weight"], p["c5.bias"]))[:, 0, 0]
    x = f(p["f6.weight"] @ x + p["f6.bias"])
    codes = digit_codes().double().numpy()
    return -np.array([np.sum((x - code) ** 2) for code in codes])


@pytest.mark.parametrize(
    ("name", "oracle"), [("lenet5", numpy_lenet5), ("lenet5_1998", numpy_lenet5_1998)]
)
def test_parity_with_scipy(name, oracle):
    model, pictures = checks.built(name).double(), checks.example(name).double()
    weights = {k: v.numpy() for k, v in model.state_dict().items()}
    expected = np.stack([oracle(weights, picture.numpy()) for picture in pictures])
    with torch.no_grad():
        np.testing.assert_allclose(model(pictures).numpy(), expected, atol=1e-10)
        single = model.float()(pictures.float()).numpy()
    np.testing.assert_allclose(single, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_model_must_do(name, check):
    check(name)


def test_one_batch_is_learned_by_heart():
    checks.check_overfits("lenet5")
    checks.check_overfits("lenet5_1998", objective=map_loss)


def test_scaled_tanh_keeps_plus_and_minus_one():
    assert torch.allclose(
        ScaledTanh()(torch.tensor([1.0, -1.0])), torch.tensor([1.0, -1.0]), atol=1e-4
    )


def test_sub_sampling_adds_scales_and_shifts():
    layer = SubSampling(1)
    with torch.no_grad():
        layer.coefficient.fill_(0.5)
        layer.bias.fill_(3.0)
        out = layer(torch.arange(16.0).view(1, 1, 4, 4))
    assert out.flatten().tolist() == [0.5 * s + 3 for s in (10, 18, 42, 50)]


def test_rbf_is_the_squared_distance():
    features = torch.randn(4, 84, generator=torch.Generator().manual_seed(0)).double()
    rbf = RBF(10).double()
    expected = torch.cdist(features, digit_codes().double()) ** 2
    assert torch.allclose(rbf(features), -expected, atol=1e-10)
    assert list(rbf.parameters()) == []


def test_initial_weights_stay_within_the_papers_bounds():
    model = LeNet5of1998()
    for part, fan_in in [(model.c1, 25), (model.s2, 4), (model.c5, 400), (model.f6, 120)]:
        largest = max(p.abs().max().item() for p in part.parameters())
        assert 0.5 * 2.4 / fan_in < largest <= 2.4 / fan_in


def test_codes_are_distinct_pictures():
    codes = digit_codes()
    assert codes.shape == (10, 84)
    assert set(codes.unique().tolist()) == {-1.0, 1.0}
    apart = torch.cdist(codes, codes) ** 2 / 4 + 84 * torch.eye(10)
    assert apart.min() >= 4  # no two digits closer than four pixels
    assert torch.equal(digit_codes(26), digit_codes(26))
    assert len(digit_codes(26).unique(dim=0)) == 26
