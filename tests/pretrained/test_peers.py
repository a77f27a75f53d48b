"""What users of other zoos report as broken, on networks without and with batch norm, here.

Own classes and channels with pretrained weights: vision#1040, #3547, #4297, timm#976. Missing
tensors: tests/pretrained/test_load.py. Layer-wise rates under a scheduler (timm#2532) and frozen
batch norm (pytorch#66073): tests/engine/test_unfreezing.py.
"""

import pytest
import torch

import zoo
from tests.helpers.small_weights import only_from, write_weights
from zoo import registry
from zoo.errors import BadFile
from zoo.pretrained.load import load_into, read_tensors

NAMES = ["lenet5", "mlp", "resnet20"]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shelf")
    for name in NAMES:
        write_weights(folder, name)
    return folder


@pytest.fixture(autouse=True)
def only(shelf, monkeypatch):
    only_from(shelf, monkeypatch)


def pictures(name, channels):
    _, height, width = registry.entry(name).input_shape
    return torch.randn(2, channels, height, width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("classes", [2, 10, 17])
@pytest.mark.parametrize("name", NAMES)
def test_pretrained_with_own_classes_and_channels(name, classes, channels):
    about = registry.entry(name)
    model = zoo.create_model(name, pretrained=True, num_classes=classes, in_chans=channels).eval()
    assert model(pictures(name, channels)).shape == (2, classes)
    theirs = read_tensors(zoo.card(f"{name}.tiny"))
    new = {about.stem} if channels != about.input_shape[0] else set()
    new |= {k for k in theirs if k.startswith(f"{about.head}.")} if classes != 10 else set()
    for key, tensor in model.state_dict().items():
        if key not in new:
            assert torch.equal(tensor, theirs[key]), key
    sum(logits.sum() for logits in model.train()(pictures(name, channels))).backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_a_grey_picture_in_more_channels_gives_what_it_gave(name):
    """1 -> 3 and 4 by repeating, 3 -> 1 by summing: grey pictures see the same first layer."""
    have = registry.entry(name).input_shape[0]
    grey = pictures(name, 1)
    expected = zoo.create_model(f"{name}.tiny").eval()(grey.expand(-1, have, -1, -1))
    for channels in {1, 3} | ({4} if have == 1 else set()):
        model = zoo.create_model(f"{name}.tiny", in_chans=channels).eval()
        got = model(grey.expand(-1, channels, -1, -1))
        assert torch.allclose(got, expected, atol=1e-4), channels


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_tensor_is_an_error_and_nothing_is_loaded(name):
    model = zoo.create_model(name)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    tensors = read_tensors(zoo.card(f"{name}.tiny"))
    tensors.pop(list(tensors)[2])
    with pytest.raises(BadFile):
        load_into(model, tensors, "tiny")
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
