"""Weights and answers are the same whatever the caller has set in torch."""

from contextlib import contextmanager

import pytest
import torch

import zoo
from tests.helpers.small_weights import write_weights
from zoo.nn.plain_torch import plain_torch
from zoo.predictors.inputs.images import probe


@contextmanager
def float64():
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def default_device():
    torch.set_default_device("meta")
    try:
        yield
    finally:
        torch.set_default_device(None)


SETTINGS = {
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "float64": float64,
    "meta": lambda: torch.device("meta"),
    "default device": default_device,
    "inference": torch.inference_mode,
    "no grad": torch.no_grad,
}
ANY = pytest.mark.parametrize("setting", SETTINGS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("weights")
    write_weights(place)
    return place


@ANY
def test_inside_all_is_as_torch_starts_and_outside_as_it_was(setting):
    with SETTINGS[setting]():
        before = (torch.get_default_dtype(), torch.get_default_device())
        with plain_torch():
            product = torch.ones(2, 2) @ torch.ones(2, 2)
            assert (product.dtype, product.device.type) == (torch.float32, "cpu")
            assert not product.is_inference()
        assert (torch.get_default_dtype(), torch.get_default_device()) == before
        with pytest.raises(ZeroDivisionError), plain_torch():
            raise ZeroDivisionError
        assert (torch.get_default_dtype(), torch.get_default_device()) == before


@ANY
def test_weights_are_loaded_and_can_be_trained(setting, folder):
    right = zoo.load(folder).model.state_dict()
    with SETTINGS[setting]():
        models = [zoo.load(folder).model, zoo.create_model("lenet5.digits")]
    for key, tensor in models[0].state_dict().items():
        assert tensor.dtype == right[key].dtype
        assert torch.equal(tensor, right[key])
    loss = models[1](torch.zeros(1, 1, 32, 32)).sum()
    loss.backward()
    assert models[1].get_classifier().weight.grad.abs().sum() > 0


@ANY
@pytest.mark.parametrize("name", ["lenet5.digits", "sentiment.polarity", "lstm.tinyshakespeare",
                                  "tagger.wnut17", "word2vec.novels", "deep_speech.fsdd",
                                  "trigger_word.alexa"])  # fmt: skip
def test_answers_are_the_same(setting, name):
    predictor = _loaded(name)
    raw = _input(name)
    right, vector = predictor(raw), predictor.output_of(predictor.vector_input())
    with SETTINGS[setting]():
        assert predictor(raw).to_json() == right.to_json()
        assert predictor([raw])[0].to_json() == right.to_json()
        assert predictor.each([raw])[0].to_json() == right.to_json()
        assert torch.equal(predictor.output_of(predictor.vector_input()).cpu(), vector)


@ANY
def test_preprocessing_is_the_same(setting):
    right = zoo.transform("resnet20.cifar10_jpeg")(probe())
    with SETTINGS[setting]():
        module = zoo.transform("resnet20.cifar10_jpeg")
        assert torch.equal(module(probe()), right)
        assert torch.equal(module([probe()])[0], right)


KEPT = {}


def _loaded(name):
    options = {"length": 5, "seed": 1} if name.startswith("lstm") else {}
    if name not in KEPT:
        KEPT[name] = zoo.load(name, device="cpu", **options)
    return KEPT[name]


def _input(name):
    draw = torch.Generator().manual_seed(0)
    sound = {"array": 0.05 * torch.randn(8000, generator=draw), "sampling_rate": 16_000}
    other = {
        "classification": probe(),
        "language_model": "ROMEO:",
        "word_vectors": "king",
        "speech_recognition": sound,
        "trigger_word": sound,
    }
    return other.get(zoo.card(name).task, "Paul visited Paris, a gorgeous film")
