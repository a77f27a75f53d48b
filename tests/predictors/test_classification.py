"""Pictures: the network that is measured, and the answer. The rest is in tests/test_loading.py."""

import pytest
import torch

from tests.small_weights import write_weights
from zoo.errors import BadInput
from zoo.loading import load
from zoo.practice.crops import MultiCrop
from zoo.predictors.classification import ImageClassifier, Options, probe
from zoo.pretrained.create import from_card


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    place = tmp_path_factory.mktemp("weights")
    return [write_weights(place / str(seed), seed=seed) for seed in (0, 1)]


@pytest.fixture
def pictures():
    return torch.randn(3, 1, 32, 32, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_several_networks_give_the_mean_of_their_probabilities(cards, pictures):
    models = [from_card(card).eval() for card in cards]
    votes = ImageClassifier.network(models, Options())(pictures)
    mean = (models[0](pictures).softmax(1) + models[1](pictures).softmax(1)) / 2
    torch.testing.assert_close(votes.exp(), mean)


@torch.no_grad()
@pytest.mark.parametrize("count", [1, 2])
def test_crops_are_averaged_too(cards, pictures, count):
    models = [from_card(card).eval() for card in cards[:count]]
    looking = ImageClassifier.network(models, Options(crops=10))
    plain = ImageClassifier.network(models, Options())
    torch.testing.assert_close(looking(pictures), MultiCrop(plain, 10)(pictures))
    assert not torch.allclose(looking(pictures), plain(pictures).log_softmax(1), atol=1e-3)


def test_another_number_of_crops_is_refused(cards):
    with pytest.raises(BadInput, match="crops must be 1 or 10 or 144 or none, got 3"):
        load(cards[0].folder, crops=3)


def test_the_answer_holds_what_the_network_saw(cards):
    answer = load(cards[0].folder, device="cpu")(probe())
    assert answer.image.shape == (1, 32, 32)
    assert answer.image.dtype == torch.uint8
    assert repr(answer).startswith("Classification(label=")
