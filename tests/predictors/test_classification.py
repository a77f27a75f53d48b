"""Pictures: the network that is measured, and the answer. The rest is in tests/test_loading.py."""

import pytest
import torch

from tests.small_weights import write_weights
from zoo.errors import BadFile, BadInput, ZooError
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


@pytest.mark.parametrize("crops", [None, 10])
def test_images_that_cannot_be_used_cost_the_others_nothing(cards, tmp_path, monkeypatch, crops):
    """One pass: every image is read once and the good ones are batched, bad ones or not."""
    options = {} if crops is None else {"crops": crops}
    classifier = load(cards[0].folder, device="cpu", **options)
    for number in range(5):
        probe().rotate(30 * number).resize((60, 60)).save(tmp_path / f"{number}.png")
    (tmp_path / "bad.png").write_bytes(b"<html>")
    names = ["0", "bad", "1", "none", "2", "3", "bad", "4"]
    given = [tmp_path / f"{name}.png" for name in names]
    good = [path for path in given if path.stem.isdigit()]
    expected, runs = classifier(good), []
    whole = type(classifier).log_p
    monkeypatch.setattr(
        type(classifier), "log_p", lambda self, x: runs.append(len(x)) or whole(self, x)
    )
    results = classifier.each(given)
    assert runs == ([10] * 5 if crops else [5])
    errors = [i for i, one in enumerate(results) if isinstance(one, ZooError)]
    assert errors == [1, 3, 6]
    answers = [one for one in results if not isinstance(one, ZooError)]
    assert [a.top for a in answers] == [a.top for a in expected]
    with pytest.raises(BadFile, match=r"bad\.png"):
        classifier(given)
