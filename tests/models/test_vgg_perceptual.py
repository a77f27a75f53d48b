"""The small VGG of pictures: its count, sizes, parity with plain functions, frozen norms."""

import pytest
import torch
import torch.nn.functional as F

from tests.models import checks
from zoo import registry
from zoo.errors import BadInput
from zoo.models.vgg_perceptual import VGGPerceptual
from zoo.nn.features import FeatureNetwork

NAME, CLASSIFIER = "vgg_perceptual", "vgg_perceptual_classifier"
PAIRS = [(3, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128), (128, 256)]


def plain(p, images):
    """All layers with torch.nn.functional, the batch norms folded into the convolutions."""
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1).to(images)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1).to(images)
    x = (images - mean) / std
    found = {"rgb": x}
    for stage, count in enumerate((2, 2, 2, 1)):
        x = F.avg_pool2d(x, 2) if stage else x
        for n in range(count):
            at = f"stages.{stage}.{n}"
            scale = p[f"{at}.bn.weight"] / (p[f"{at}.bn.running_var"] + 1e-5).sqrt()
            bias = p[f"{at}.bn.bias"] - p[f"{at}.bn.running_mean"] * scale
            weight = p[f"{at}.conv.weight"] * scale.view(-1, 1, 1, 1)
            x = F.conv2d(F.pad(x, (1,) * 4, mode="reflect"), weight, bias).relu()
            found[f"{stage + 1}_{n + 1}"] = x
    return found


def test_parameters_by_hand():
    count = sum(9 * a * b + 2 * b for a, b in PAIRS)
    assert sum(p.numel() for p in registry.build(NAME).parameters()) == count == 582_880
    classifier = sum(p.numel() for p in registry.build(CLASSIFIER).parameters())
    assert classifier == count + 256 * 10 + 10


def test_it_is_a_feature_network_of_these_layers():
    model = VGGPerceptual().eval()
    assert isinstance(model, FeatureNetwork)
    found = model.extract(torch.rand(2, 3, 37, 50))
    assert tuple(found) == model.layers
    sizes = {name: tuple(maps.shape[1:]) for name, maps in found.items()}
    assert sizes == {
        "rgb": (3, 37, 50),
        "1_1": (32, 37, 50),
        "1_2": (32, 37, 50),
        "2_1": (64, 18, 25),
        "2_2": (64, 18, 25),
        "3_1": (128, 9, 12),
        "3_2": (128, 9, 12),
        "4_1": (256, 4, 6),
    }
    assert set(model.content_layers) | set(model.style_layers) <= set(model.layers)
    some = model.extract(torch.rand(1, 3, 32, 32), ["3_1", "rgb"])
    assert tuple(some) == ("rgb", "3_1")


def test_parity_with_plain_functions():
    model = checks.built(NAME).double()
    images = torch.rand(2, 3, 33, 40, dtype=torch.float64)
    with torch.no_grad():
        found = model.extract(images)
    for name, expected in plain(model.state_dict(), images).items():
        assert torch.allclose(found[name], expected, atol=1e-10), name


def test_the_classifier_is_the_same_network_with_a_head():
    model, images = checks.built(CLASSIFIER).double(), torch.rand(2, 3, 32, 32).double()
    p = model.state_dict()
    expected = plain(p, images)["4_1"].mean((2, 3)) @ p["fc.weight"].T + p["fc.bias"]
    with torch.no_grad():
        assert torch.allclose(model(images), expected, atol=1e-10)
        assert torch.equal(model.extract(images)["4_1"], model.forward_features(images))
    trunk = {k: v for k, v in p.items() if not k.startswith("fc.")}
    assert trunk.keys() == VGGPerceptual().state_dict().keys()


def test_features_are_nobody_elses_memory():
    model, images = checks.built(NAME), torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        alone = {name: model.extract(images, [name])[name] for name in model.layers}
        for name, maps in model.extract(images).items():
            assert torch.equal(maps, alone[name]), name


def test_what_it_cannot_take_is_refused():
    model = VGGPerceptual()
    for images, said in [
        (torch.rand(1, 3, 15, 40), "16 pixels or more"),
        (torch.rand(3, 32, 32), "must be"),
    ]:
        with pytest.raises(BadInput, match=said):
            model.extract(images)
    with pytest.raises(BadInput, match="3_3"):
        model.extract(torch.rand(1, 3, 32, 32), ["3_3"])
    with pytest.raises(BadInput, match="average or max"):
        model.extract(torch.rand(1, 3, 32, 32), pooling="mean")
    assert registry.entry(NAME).task == "image_features"


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_classifier_must_do(check):
    check(CLASSIFIER)


@pytest.mark.parametrize(
    "check",
    [checks.check_alone_and_in_a_batch, checks.check_export_and_compile],
    ids=lambda check: check.__name__,
)
def test_what_every_model_must_do(check):
    check(NAME, size=32)


def test_gradients_reach_every_parameter_and_the_picture():
    model, images = checks.built(NAME).train(), torch.rand(2, 3, 32, 32, requires_grad=True)
    sum(maps.square().mean() for maps in model.extract(images).values()).backward()
    own = [p for block in model.blocks() for p in block.parameters()]
    assert len(own) == len(list(model.parameters()))
    for one in (images, *own):
        assert one.grad.isfinite().all()
        assert one.grad.abs().sum() > 0


def test_one_batch_is_overfitted():
    checks.check_overfits(CLASSIFIER, steps=15, training=True)
