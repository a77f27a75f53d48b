"""Image features from a card: maps of any size, one by one or several, files, a grid."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.helpers.photographs import photographs
from zoo import cards, registry
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.errors import BadFile, BadInput, Missing
from zoo.predictors.image_features import FeatureExtractor, Options


@pytest.fixture(scope="module")
def extractor():
    torch.manual_seed(0)
    return FeatureExtractor(registry.build("vgg_perceptual"), PhotographFrontEnd(longest=48))


def test_the_maps_are_those_of_the_network(extractor):
    image = photographs(1).images[0]
    answer = extractor(image)
    assert max(answer.image.shape[1:]) == 48
    with torch.no_grad():
        expected = extractor.model.extract(answer.image[None].float() / 255)
    assert tuple(answer.maps) == extractor.model.layers
    for name, maps in answer.maps.items():
        assert torch.allclose(maps, expected[name][0], atol=1e-5)
    height, width = answer.image.shape[1:]
    assert str(answer).startswith(f"rgb 3x{height}x{width}, 1_1 32x{height}x{width}, ")


def test_several_are_as_each_alone(extractor):
    images = list(photographs(3).images)
    for one, image in zip(extractor(images), images, strict=True):
        assert torch.equal(one.maps["4_1"], extractor(image).maps["4_1"])


def test_answers_are_written(extractor, tmp_path):
    answer = extractor(photographs(1).images[0])
    record = json.loads(answer.files("json")[".json"])
    assert record["2_1"]["shape"] == list(answer.maps["2_1"].shape)
    assert len(record["2_1"]["means"]) == 64
    with np.load(io.BytesIO(answer.files("npz")[".npz"])) as arrays:
        assert np.array_equal(arrays["3_2"], answer.maps["3_2"].numpy())
    with pytest.raises(BadInput, match="json or npz"):
        answer.files("csv")
    assert len(answer.plot().axes) == 8 * 9


def test_what_cannot_be_used_is_named(extractor):
    with pytest.raises(Missing, match="nowhere.jpg"):
        extractor("nowhere.jpg")
    with pytest.raises(BadInput, match="16 pixels or more"):
        extractor(torch.zeros(3, 12, 20, dtype=torch.uint8))
    kept = extractor.each([torch.zeros(3, 12, 20, dtype=torch.uint8), photographs(1).images[0]])
    assert isinstance(kept[0], BadInput)
    assert kept[1].maps


def test_the_card_says_the_size_unless_it_is_asked_for():
    card = cards.card("localizer.bccd")  # any: the front end is what counts
    model = registry.build("vgg_perceptual")
    card = replace(card, front_end=PhotographFrontEnd(longest=300).to_card())
    made = FeatureExtractor.from_card(card, model, None, Options())
    assert made.front_end.longest == 300
    assert FeatureExtractor.from_card(card, model, None, Options(64)).front_end.longest == 64
    assert made.output_of(made.vector_input()).shape == (64,)
    with pytest.raises(BadFile, match="front end"):
        FeatureExtractor.from_card(replace(card, front_end={}), model, None, Options())
