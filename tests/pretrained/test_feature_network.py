"""Networks of features by name: VGG of the zoo, and what gives none."""

import pytest
import torch

from tests.helpers.small_weights import only_from, write_weights
from zoo import cards
from zoo.errors import BadInput, UnknownName
from zoo.nn.features import FeatureNetwork, SequentialFeatures
from zoo.pretrained.create import create_model
from zoo.pretrained.feature_network import feature_network


def test_vgg_by_its_weights_with_their_normalisation(tmp_path, monkeypatch):
    write_weights(tmp_path, "vgg11", "tiny", num_classes=2, hidden_size=1)
    only_from(tmp_path, monkeypatch)
    network, model = feature_network("vgg11.tiny"), create_model("vgg11.tiny").eval()
    assert isinstance(network, SequentialFeatures)
    assert network.mean.flatten().tolist() == pytest.approx([0.3] * 3)
    images = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        found = network.extract(images, pooling="max")
        expected = model.features[:5]((images - 0.3) / 0.4)
    torch.testing.assert_close(found["relu2_1"], expected)
    assert network.content_layers == ("relu4_2",)
    assert not any(one.requires_grad for one in network.parameters())


def test_vgg19_is_torchvisions_one():
    """Its weights are a download; that they are those of the card is tested with every card."""
    assert cards.default("vgg19").name == "vgg19.tv_in1k_v1"


@pytest.mark.parametrize("name", ["resnet18", "lenet5.mnist"])
def test_networks_without_features(name, monkeypatch):
    monkeypatch.setattr(
        "zoo.pretrained.feature_network.create_model",
        lambda name, pretrained: create_model(name.partition(".")[0]),
    )
    with pytest.raises(BadInput, match=f"{name} gives no features .* expected vgg_perceptual"):
        feature_network(name)


def test_an_unknown_network():
    with pytest.raises(UnknownName, match="no model 'vgg18'; did you mean"):
        feature_network("vgg18")


def test_the_protocol_is_what_it_says():
    assert not isinstance(torch.nn.Linear(2, 2), FeatureNetwork)
