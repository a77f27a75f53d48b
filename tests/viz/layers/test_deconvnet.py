import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.viz.layers.small import Reused, Small, image, same, state
from zoo.viz.layers.deconvnet import unit_pictures
from zoo.viz.layers.places import layers


def picture(model, name, x, unit, rule="deconvnet"):
    layer = layers(model, model, x[:1]).find(name)
    return unit_pictures(model, model, layer, x, torch.tensor([unit] * len(x)), rule)


def test_a_chain_of_transposed_layers_written_out():
    """Zeiler & Fergus, sec. 2.1: unpool with the switches, rectify, the transposed filters."""
    model, x = Small(nn.ReLU(inplace=True)).double().requires_grad_(False), image().double()
    first = F.relu(model.conv1(x))
    pooled, switches = F.max_pool2d(first, 2, return_indices=True)
    second = F.relu(model.conv2(pooled))
    largest = []
    for filter in range(6):
        row, column = divmod(int(second[0, filter].argmax()), second.shape[3])
        signal = torch.zeros_like(second)
        signal[0, filter, row, column] = second[0, filter, row, column]
        signal = F.relu(signal)
        signal = F.conv_transpose2d(signal, model.conv2.weight, stride=2, output_padding=1)
        signal = F.max_unpool2d(signal, switches, 2)
        signal = F.relu(signal)
        signal = F.conv_transpose2d(signal, model.conv1.weight, padding=1)
        found = picture(model, "conv2", x, (filter, row, column))
        assert (found - signal).abs().max() < 1e-6
        largest.append(float(signal.abs().max()))
    assert max(largest) > 0.01


def positive(model):
    for parameter in model.parameters():
        parameter.data.abs_()
    return model


@pytest.mark.parametrize("rule", ["deconvnet", "guided"])
def test_it_is_the_gradient_times_the_activation_where_no_relu_clips(rule):
    model = positive(Small(nn.ReLU()))
    x = image().abs()
    gradient = picture(model, "conv2", x, (2, 1, 1), "gradient")
    value = F.relu(model.conv2(model.pool(F.relu(model.conv1(x)))))[0, 2, 1, 1]
    found = picture(model, "conv2", x, (2, 1, 1), rule)
    assert torch.allclose(found, gradient * (value if rule == "deconvnet" else 1), rtol=1e-5)
    mixed = Small(nn.ReLU())  # and elsewhere it is not
    units = (image(), (4, 0, 1))
    gradient, other = (picture(mixed, "conv2", *units, one) for one in ("gradient", rule))
    assert gradient.any()
    assert torch.corrcoef(torch.stack([gradient.flatten(), other.flatten()]))[0, 1] < 0.99


@pytest.mark.parametrize(
    "activation",
    [nn.ReLU(), nn.LeakyReLU(0.2), nn.PReLU(), nn.Tanh(), nn.ELU(), nn.Hardtanh(0, 6), F.relu,
     torch.relu, lambda x: x.clamp(0, 20), lambda x: x.clamp(min=0), nn.SiLU()],
)  # fmt: skip
def test_a_signal_goes_back_through_any_activation(activation):
    model, x = Small(activation).double(), image().double()
    filter, row, column = 1, 0, 0
    with torch.no_grad():
        first = activation(model.conv1(x))
        pooled, switches = F.max_pool2d(first, 2, return_indices=True)
        second = activation(model.conv2(pooled))
        signal = torch.zeros_like(second)
        signal[0, filter, row, column] = second[0, filter, row, column]
        signal = activation(signal)
        signal = F.conv_transpose2d(signal, model.conv2.weight, stride=2, output_padding=1)
        signal = activation(F.max_unpool2d(signal, switches, 2))
        signal = F.conv_transpose2d(signal, model.conv1.weight, padding=1)
    assert torch.allclose(picture(model, "conv2", x, (1, 0, 0)), signal, atol=1e-12)


def test_average_pooling_has_its_exact_transpose():
    model, x = Small(nn.ReLU(), nn.AvgPool2d(2)).double(), image().double()
    second = F.relu(model.conv2(model.pool(F.relu(model.conv1(x)))))
    signal = torch.zeros_like(second)
    signal[0, 0, 0, 0] = second[0, 0, 0, 0]
    signal = F.conv_transpose2d(signal, model.conv2.weight, stride=2, output_padding=1)
    signal = F.relu(F.interpolate(signal, scale_factor=2) / 4)
    signal = F.conv_transpose2d(signal, model.conv1.weight, padding=1)
    assert torch.allclose(picture(model, "conv2", x, (0, 0, 0)), signal, atol=1e-12)


@pytest.mark.parametrize("rule", ["deconvnet", "guided", "gradient"])
def test_relus_in_place_make_no_difference(rule):
    x, pictures = image(), []
    for inplace in (False, True):
        model = Reused(inplace)
        before = state(model)
        pictures.append(picture(model, "conv2", x, (1, 5, 5), rule))
        assert same(before, state(model))
    assert torch.equal(*pictures)
    assert pictures[0].any()


def test_a_batch_is_one_by_one():
    model, x = Small(nn.ReLU()), image(count=20)
    together = picture(model, "conv2", x, (1, 1, 1))
    alone = torch.cat([picture(model, "conv2", one, (1, 1, 1)) for one in x.split(1)])
    assert torch.allclose(together, alone, atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*(hooks|require gradients)")
def test_captums_deconvolution_is_the_same_for_relu():
    attr = pytest.importorskip("captum.attr")
    model, x = Small(nn.ReLU()), image()

    class Unit(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.conv2, self.pool = model.conv1, model.conv2, model.pool
            self.relu1, self.relu2 = nn.ReLU(), nn.ReLU()

        def forward(self, x):
            maps = self.relu2(self.conv2(self.pool(self.relu1(self.conv1(x)))))
            return maps[:, 4, 0, 1].square()[:, None] / 2  # its gradient is the activation

    unit = Unit()
    expected = attr.Deconvolution(unit).attribute(x, target=0)
    assert torch.allclose(picture(model, "conv2", x, (4, 0, 1)), expected, atol=1e-5)
    assert expected.any()
