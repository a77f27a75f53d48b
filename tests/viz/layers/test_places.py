import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.viz.layers.small import Reused, Small, image, same, state
from zoo.errors import BadInput, UnknownName
from zoo.viz.layers.deconvnet import unit_pictures
from zoo.viz.layers.places import layers
from zoo.viz.layers.units import strongest_images
from zoo.viz.layers.walk import map_at


def test_a_convolutions_map_has_its_norm_and_activation():
    x = image()
    for inplace in (False, True):
        model = Reused(inplace).eval()
        found = layers(model, model, x)
        assert [layer.name for layer in found.convolutions] == ["conv1", "conv2"]
        first = map_at(model, x, found.find("conv1").call)
        assert torch.equal(first, torch.relu(model.bn1(model.conv1(x))))
        # a sum follows the second: its map is its own
        assert torch.equal(map_at(model, x, found.find("conv2").call), model.conv2(first))


def test_layers_have_names_shapes_and_kernels():
    model = Small(nn.ReLU())
    found = layers(model, model, image())
    first, second = found.convolutions
    assert (first.name, first.kind, first.shape) == ("conv1", "3x3 convolution", (4, 12, 12))
    assert torch.equal(first.kernels, model.conv1.weight)
    assert second.shape == (6, 2, 2)
    assert [m.name for m in found.modules] == ["activation", "pool", "activation#2"]
    assert found.find("pool").kernels is None
    assert first.to_json() == {
        "name": "conv1", "kind": "3x3 convolution", "maps": (4, 12, 12), "field": [3, 3]
    }  # fmt: skip


def test_a_convolution_that_is_called_twice_and_one_without_a_module():
    class Functions(nn.Module):
        def __init__(self):
            super().__init__()
            self.twice = nn.Conv2d(2, 2, 3, padding=1)
            self.kernel = nn.Parameter(torch.rand(3, 2, 1, 1))

        def forward(self, x):
            x = self.twice(self.twice(x))
            return F.conv2d(x, self.kernel).relu().mean((2, 3))

    found = layers(model := Functions(), model, image())
    assert [layer.name for layer in found.convolutions] == ["twice", "twice#2", "network"]


def test_some_layers_from_the_first_to_the_last():
    parts = [nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 2, 1), nn.ReLU(),
                           nn.MaxPool2d(2)) for _ in range(7)]  # fmt: skip
    model = nn.Sequential(*parts, nn.Flatten())
    found = layers(model, model, torch.zeros(1, 2, 128, 128))
    assert [layer.name for layer in found.spread()] == ["0.2", "1.2", "3.2", "4.2", "6.2"]
    assert [layer.name for layer in found.spread(2)] == ["0.2", "6.2"]
    assert [layer.name for layer in found.last()[:3]] == ["6.2", "6.0", "5.2"]
    plain = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten())
    assert [one.name for one in layers(plain, plain, torch.zeros(1, 1, 3, 3)).last()] == ["0"]


def test_what_a_deconvnet_assumes():
    def lines(activation, pool=None):
        model = Small(activation, pool)
        return layers(model, model, image()).assumed()

    assert lines(nn.ReLU(inplace=True)) == []
    assert "leaky_relu" in lines(nn.LeakyReLU())[0]
    assert "tanh" in lines(nn.Tanh())[0]
    assert "average pooling" in lines(nn.ReLU(), nn.AvgPool2d(2))[0]
    lrn = nn.Sequential(nn.ReLU(), nn.LocalResponseNorm(3))
    assert "response" in lines(lrn)[0]


def test_errors_name_what_there_is():
    model = Small(nn.ReLU())
    found = layers(model, model, image())
    with pytest.raises(UnknownName, match=r"no layer 'conv3'; did you mean conv"):
        found.find("conv3")
    flat = nn.Sequential(nn.Flatten(), nn.Linear(288, 2))
    with pytest.raises(BadInput, match="Sequential has no two-dimensional convolution that sees"):
        layers(flat, flat, image())


def test_the_network_is_as_it_was_also_after_an_error():
    model = Reused(True)
    before = state(model)
    layers(model, model, image())
    with pytest.raises(RuntimeError):
        layers(model, model, image(channels=5))
    assert same(before, state(model))


def test_layers_that_see_regions_are_left_out():
    class Regions(nn.Module):
        def __init__(self):
            super().__init__()
            self.whole, self.cut = nn.Conv2d(2, 3, 3), nn.Conv2d(3, 3, 3)

        def forward(self, x):
            maps = self.whole(x).relu()
            cuts = torch.cat([maps[:, :, :5, :5], maps[:, :, 5:, 5:], maps[:, :, :5, 5:]])
            return self.cut(cuts).mean((2, 3)).view(3, len(x), 3).amax(0)

    found = layers(model := Regions(), model, image())
    assert [layer.name for layer in found.convolutions] == ["whole"]


def test_where_each_image_is_searched_first_images_go_alone():
    class Searching(nn.Module):
        """What is done for each image before the network shifts the numbers of its calls."""

        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(2, 3, 3)

        def forward(self, x):
            means = [F.avg_pool2d(one[None], 3).mean() for one in x]
            return self.conv(x).relu().mean((2, 3)) + torch.stack(means)[:, None]

    model, x = Searching(), image(count=5)
    layer = layers(model, model, x[:1]).find("conv")
    assert layer.alone
    assert not layers(s := Small(nn.ReLU()), s, x[:1]).find("conv1").alone
    units = torch.tensor([[1, 4, 4]] * 5)
    plain = nn.Sequential(model.conv, nn.ReLU(), nn.Flatten())
    other = layers(plain, plain, x[:1]).find("0")
    pictures = unit_pictures(model, model, layer, x, units)
    assert torch.allclose(pictures, unit_pictures(plain, plain, other, x, units))
    chosen = [torch.tensor([0, 2])]
    ours = strongest_images(model, model, [layer], chosen, x.split(2), 3)[0]
    assert torch.allclose(
        ours.values, strongest_images(plain, plain, [other], chosen, x.split(2), 3)[0].values
    )
