"""Crops of every shipped network's images; predict and evaluate give the same numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import zoo
from tests.helpers.small_weights import write_weights
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.errors import BadInput
from zoo.practice.crops import crops
from zoo.predictors.classification import ImageClassifier, Options
from zoo.predictors.multi_crop import MultiCrop, check, views
from zoo.pretrained.create import from_card

FRAMED = ImageFrontEnd((14, 14), (0.2,), (0.4,), pad=2, ink="light")
COLOUR = ImageFrontEnd((14, 14), (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))
SHIPPED = zoo.list_weights(task="classification")


def noise(*shape):
    draw = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, shape, generator=draw, dtype=torch.uint8)


class Means(nn.Module):
    """A network of three classes for images of any size: fast, and no two crops give the same."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor([[1.0, -2.0, 0.5]]))

    def forward(self, x):
        middle = x[..., 3:7, 3:7].mean((1, 2, 3))
        return middle[:, None] * self.scale + x.mean((1, 2, 3))[:, None] * self.scale**2


@pytest.mark.parametrize("name", SHIPPED)
def test_ten_crops_of_every_shipped_network_are_predicted_as_they_are_evaluated(name):
    card = replace(zoo.card(name), classes=["a", "b", "c"])
    front_end = ImageFrontEnd.from_card(card.front_end)
    predictor = ImageClassifier.from_card(card, Means(), None, Options(crops=10))
    raw = noise(*front_end.size, front_end.channels).numpy()
    answer = predictor([raw])[0]
    measured = ImageClassifier.network([Means()], Options(crops=10), card)
    expected = measured(front_end.normalise(front_end.pixels(raw)[None]))[0].exp()
    got = torch.tensor([dict(answer.top)[label] for label in card.classes])
    if front_end.shorter is None:  # else the middle of the image is what evaluate sees
        torch.testing.assert_close(got, expected)
    one = ImageClassifier.from_card(card, Means(), None, Options())([raw])[0]
    assert dict(one.top) != dict(answer.top)


@torch.no_grad()
@pytest.mark.parametrize("front_end", [FRAMED, COLOUR])
@pytest.mark.parametrize("count", [1, 10, 144])
def test_the_mean_of_the_answers_to_framed_crops(front_end, count):
    pixels = noise(3, front_end.channels, 14, 14)
    framed = torch.nn.functional.pad(pixels, [front_end.pad] * 4)
    got = MultiCrop(Means(), front_end, count)(front_end.normalise(framed))
    cut = torch.nn.functional.pad(crops(pixels, 14, count), [front_end.pad] * 4)
    assert torch.equal(views(pixels, front_end, count), cut)
    answers = [Means()(front_end.normalise(cut[:, i])).softmax(1) for i in range(count)]
    torch.testing.assert_close(got.exp(), torch.stack(answers).mean(0))


def test_means_of_each_pixel_belong_to_their_place_in_the_crop():
    mean = tuple(np.linspace(0.1, 0.6, 196).tolist())
    front_end = ImageFrontEnd((14, 14), mean, (0.3,))
    pixels = noise(2, 1, 14, 14)
    images = front_end.normalise(pixels)
    assert torch.equal(front_end.restored(images), pixels)
    got = MultiCrop(Means(), front_end, 10)(images).exp()
    each = [
        Means()(front_end.normalise(view)).softmax(1) for view in crops(pixels, 14, 10).unbind(1)
    ]
    torch.testing.assert_close(got, torch.stack(each).mean(0))


@pytest.mark.parametrize("front_end", [FRAMED, COLOUR])
def test_normalised_images_become_the_bytes_they_were(front_end):
    channels, height, width = front_end.input_shape
    ramp = torch.arange(256).to(torch.uint8).view(-1, 1, 1, 1).expand(-1, channels, height, width)
    assert torch.equal(front_end.restored(front_end.normalise(ramp)), ramp)


def test_paper_is_turned_before_it_is_cut():
    paper = np.full((40, 40), 250, np.uint8)
    paper[12:28, 18:22] = 20
    predictor = ImageClassifier(Means(), FRAMED, ("a", "b", "c"), crops=10)
    assert dict(predictor([paper])[0].top) == dict(predictor([255 - paper])[0].top)


@torch.no_grad()
def test_several_networks_are_averaged_before_the_crops(tmp_path):
    cards = [write_weights(tmp_path / str(seed), seed=seed) for seed in (0, 1)]
    models = [from_card(card).eval() for card in cards]
    front_end = ImageFrontEnd.from_card(cards[0].front_end)
    images = front_end.normalise(noise(3, *front_end.input_shape))
    looking = ImageClassifier.network(models, Options(crops=10), cards[0])
    plain = ImageClassifier.network(models, Options(), cards[0])
    torch.testing.assert_close(looking(images), MultiCrop(plain, front_end, 10)(images))
    assert not torch.allclose(looking(images), plain(images).log_softmax(1), atol=1e-3)


def test_what_cannot_be_cropped_is_refused_by_both_in_one_line():
    oblong = ImageFrontEnd((8, 9), (0.5,), (0.5,))
    with pytest.raises(BadInput, match="crops are square, but this network takes images of 8 x 9"):
        MultiCrop(Means(), oblong, 10)
    with pytest.raises(BadInput, match="crops are square, but this network takes images of 8 x 9"):
        ImageClassifier(Means(), oblong, ("a", "b", "c"), crops=10)
    with pytest.raises(BadInput, match="crops are 1, 10 or 144, got 7"):
        check(COLOUR, 7)
