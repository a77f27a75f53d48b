"""Features of networks whose layers stand in a row: against hooks, and whatever the ReLUs do."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import vgg11

from zoo import registry
from zoo.errors import BadInput
from zoo.nn.features import FeatureNetwork, SequentialFeatures, pool


def row(inplace=True, norm=False):
    torch.manual_seed(0)
    norms = [nn.BatchNorm2d(4)] if norm else []
    for one in norms:
        one.running_mean.normal_()
        one.running_var.uniform_(0.5, 2)
        one.weight.data.normal_()
        one.bias.data.normal_()
    return nn.Sequential(
        *(nn.Conv2d(3, 4, 3, padding=1), *norms, nn.ReLU(inplace)),
        *(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(inplace), nn.MaxPool2d(2)),
        *(nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(inplace)),
    )


def images(n=2, h=10, w=8):
    return torch.rand(n, 3, h, w, generator=torch.Generator().manual_seed(3))


def test_layers_are_named_as_in_the_literature():
    with torch.device("meta"):
        network = SequentialFeatures(registry.build("vgg19").features)
    assert isinstance(network, FeatureNetwork)
    convs = [name for name in network.layers if name.startswith("conv")]
    per_stage = [2, 2, 4, 4, 4]
    assert convs == [f"conv{s}_{i}" for s, n in enumerate(per_stage, 1) for i in range(1, n + 1)]
    assert network.style_layers == tuple(f"relu{i}_1" for i in range(1, 6))
    assert network.content_layers == ("relu4_2",)
    assert network.convention == "gatys"


def test_maximum_pooling_gives_what_the_network_itself_computes():
    """torchvision's VGG-11 with ReLUs that are not in place, its own forward pass and hooks."""
    torch.manual_seed(1)
    model = vgg11().eval()
    network = SequentialFeatures(model.features)
    x, seen = images(h=33, w=34), []
    for part in model.features:
        if isinstance(part, nn.ReLU):
            part.inplace = False
        if isinstance(part, nn.Conv2d | nn.ReLU):
            part.register_forward_hook(lambda module, given, result: seen.append(result))
    mean, std = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).view(2, 3, 1, 1)
    with torch.no_grad():
        model.features((x - mean) / std)
        found = network.extract(x, pooling="max")
    assert len(seen) == len(found) - 1
    for got, expected in zip(list(found.values())[1:], seen, strict=True):
        torch.testing.assert_close(got, expected)


def test_average_pooling_stands_for_each_maximum():
    network, x = SequentialFeatures(row()), images()
    found = network.extract(x)
    second = F.relu(network.row[5](F.avg_pool2d(found["relu1_2"], 2)))
    torch.testing.assert_close(found["relu2_1"], second)
    assert not torch.allclose(found["relu2_1"], network.extract(x, pooling="max")["relu2_1"])


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_relus_in_place_overwrite_nothing(pooling):
    x = images()
    found = SequentialFeatures(row(inplace=True)).extract(x, pooling=pooling)
    expected = SequentialFeatures(row(inplace=False)).extract(x, pooling=pooling)
    assert (found["conv1_2"] < 0).any()
    for name, maps in found.items():
        assert torch.equal(maps, expected[name]), name
    assert torch.equal(F.relu(found["conv1_2"]), found["relu1_2"])


def test_the_trap_is_there():
    """A hook on a convolution before a ReLU in place keeps what the ReLU wrote over it."""
    seen, part = [], row(inplace=True)
    part[0].register_forward_hook(lambda module, given, result: seen.append(result))
    part(images())
    assert (seen[0] >= 0).all()


def test_batch_norm_is_folded_and_the_network_is_not_changed():
    own = row(norm=True)
    before = {name: one.clone() for name, one in own.state_dict().items()}
    network, x = SequentialFeatures(own), images()
    found = network.extract(x, pooling="max")
    expected = own.eval()[:3]((x - network.mean) / network.std)
    torch.testing.assert_close(found["relu1_1"], expected)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in network.row)
    for name, one in own.state_dict().items():
        assert torch.equal(one, before[name])
    assert all(one.requires_grad for one in own.parameters())


def test_only_what_is_asked_for_and_nothing_behind_it_is_computed():
    network, x = SequentialFeatures(row()), images()
    called = []
    network.row[5].register_forward_hook(lambda module, given, result: called.append(1))
    found = network.extract(x, ("relu1_2", "rgb"))
    assert list(found) == ["rgb", "relu1_2"]
    assert called == []
    assert torch.equal(found["relu1_2"], network.extract(x)["relu1_2"])
    assert called == [1]


def test_other_normalisation():
    network = SequentialFeatures(row(), (0.5, 0.5, 0.5), (0.25, 0.5, 1.0))
    x = images()
    expected = (x - 0.5) / torch.tensor([0.25, 0.5, 1.0]).view(3, 1, 1)
    assert torch.equal(network.extract(x, ("rgb",))["rgb"], expected)


def test_gradients_reach_the_picture_and_not_the_weights():
    network, x = SequentialFeatures(row()), images().requires_grad_()
    network.extract(x)["relu2_1"].sum().backward()
    assert torch.isfinite(x.grad).all()
    assert x.grad.abs().sum() > 0
    assert all(one.grad is None for one in network.parameters())


def test_a_network_without_those_layers_has_others():
    network = SequentialFeatures(row())
    assert (network.style_layers, network.content_layers) == (("relu1_1", "relu2_1"), ("relu1_2",))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([nn.Linear(2, 2)], "convolutions, ReLUs and poolings in a row, got Linear"),
        ([nn.Conv2d(3, 4, 3)], "this network has none"),
    ],
)
def test_rows_that_give_no_features(parts, message):
    with pytest.raises(BadInput, match=message):
        SequentialFeatures(nn.Sequential(*parts))


def test_wrong_names():
    network = SequentialFeatures(row())
    with pytest.raises(BadInput, match="must be some of rgb, conv1_1, .*; got conv9_9"):
        network.extract(images(), ("conv9_9",))
    with pytest.raises(BadInput, match="got none"):
        network.extract(images(), ())
    with pytest.raises(BadInput, match="average or max, got median"):
        pool(images(), "median")
