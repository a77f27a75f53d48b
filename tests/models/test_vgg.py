"""VGG against the paper's Table 1 and 2, against torchvision, and column C against numpy."""

from functools import partial

import numpy as np
import pytest
import torch
import torchvision

from tests.helpers.marks import long_if
from tests.models import checks
from tests.models.numpy_layers import convolve, pool, relu, weights_of
from tests.models.torchvision_peer import pair
from zoo import registry
from zoo.models.vgg import TABLE_1

SMALL = {"size": 32, "hidden_size": 32, "num_classes": 10}
PARAMETERS = {
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16_1x1": 133_638_952,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "vgg11_bn": 132_868_840,
    "vgg13_bn": 133_053_736,
    "vgg16_bn": 138_365_992,
    "vgg19_bn": 143_678_248,
}
FAST = ("vgg11", "vgg11_bn")
OTHERS = ("vgg16_1x1", "vgg19_bn")  # the deepest, and the one with 1x1 kernels


def each(names, fast):
    """Parameters for pytest: all names, those that are not ``fast`` marked long."""
    return [long_if(n not in fast, n) for n in names]


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name):
    assert sum(p.numel() for p in checks.on_paper(name).parameters()) == PARAMETERS[name]


def test_table_2_and_the_number_of_layers():
    names = ("vgg11", "vgg13", "vgg16_1x1", "vgg16", "vgg19")
    assert [round(PARAMETERS[name] / 1e6) for name in names] == [133, 133, 134, 138, 144]
    layers = [len([e for e in TABLE_1[c].split() if e != "|"]) + 3 for c in "ABCDE"]
    assert layers == [11, 13, 16, 16, 19]


@pytest.mark.parametrize("name", PARAMETERS)
def test_shapes(name):
    stages = checks.on_paper(name).forward_stages(torch.zeros(2, 3, 224, 224, device="meta"))
    assert [tuple(stage.shape[1:]) for stage in stages] == [
        (64, 112, 112), (128, 56, 56), (256, 28, 28), (512, 14, 14), (512, 7, 7)
    ]  # fmt: skip


def test_column_c_is_d_with_three_kernels_of_one_pixel():
    c, d = checks.on_paper("vgg16_1x1").features, checks.on_paper("vgg16").features
    kernels = [
        (layer.kernel_size[0], twin.kernel_size[0])
        for layer, twin in zip(c, d, strict=True)
        if isinstance(layer, torch.nn.Conv2d)
    ]
    assert kernels == [(3, 3)] * 6 + [(1, 3)] + ([(3, 3)] * 2 + [(1, 3)]) * 2
    assert 138_357_544 - 133_638_952 == 8 * (256**2 + 2 * 512**2)


def torchvisions(name):
    """Its network with hidden layers of 64."""
    model = getattr(torchvision.models, name)(num_classes=10)
    for number, ends in {0: (25_088, 64), 3: (64, 64), 6: (64, 10)}.items():
        model.classifier[number] = torch.nn.Linear(*ends)
    return model


@pytest.mark.parametrize("name", each([n for n in PARAMETERS if n != "vgg16_1x1"], FAST))
def test_parity_with_torchvision(name):
    """Same outputs, in training too: the same seed drops the same units."""
    small = {"hidden_size": 64, "num_classes": 10}
    theirs, ours = pair(partial(torchvisions, name), partial(registry.build, name, **small))
    before = {key: value.clone() for key, value in theirs.named_buffers()}
    pictures = checks.example(name, 2, size=64).double()
    for mode in (True, False):  # the second time with the statistics of the first
        outputs = []
        for model in (theirs.train(mode), ours.train(mode)):
            torch.manual_seed(1)
            with torch.no_grad():
                outputs.append(model(pictures))
        assert torch.allclose(*outputs, rtol=0, atol=1e-10)
        assert (outputs[0][0] - outputs[0][1]).abs().max() > 1e-3  # the pictures matter
    after = ours.state_dict()
    assert bool(before) == name.endswith("_bn")
    for key, value in theirs.named_buffers():
        assert not torch.equal(value, before[key])
        assert torch.allclose(value, after[key], rtol=0, atol=1e-10)


def numpy_column_c(w, picture):
    """Layer by layer from the paper's Table 1, counting layers as torchvision's names do."""
    x, number = picture, 0
    for stage in ("33", "33", "331", "331", "331"):
        for kernel in stage:
            name = f"features.{number}"
            assert w[f"{name}.weight"].shape[2] == int(kernel)
            x = relu(convolve(x, w[f"{name}.weight"], w[f"{name}.bias"], pad=int(kernel) // 2))
            number += 2  # ReLU
        x = pool(x, 2, 2)
        number += 1
    x = x.repeat(7, 1).repeat(7, 2).reshape(-1)  # one pixel is its own average, 49 times
    x = relu(w["classifier.0.weight"] @ x + w["classifier.0.bias"])
    x = relu(w["classifier.3.weight"] @ x + w["classifier.3.bias"])
    return w["classifier.6.weight"] @ x + w["classifier.6.bias"]


def test_parity_of_column_c_with_numpy():
    model, pictures = checks.built("vgg16_1x1", **SMALL), checks.example("vgg16_1x1", 2, size=32)
    weights = weights_of(model)
    expected = np.stack([numpy_column_c(weights, p.double().numpy()) for p in pictures])
    assert np.abs(expected[0] - expected[1]).max() > 1e-3
    with torch.no_grad():
        single = model(pictures).numpy()
        np.testing.assert_allclose(model.double()(pictures.double()), expected, rtol=0, atol=1e-10)
    assert np.abs(single - expected).max() < 1e-5 * np.abs(expected).max()


def test_initial_weights():
    torch.manual_seed(0)
    model = registry.build("vgg11", hidden_size=256, num_classes=100)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            assert parameter.abs().max() == 0, name
            continue
        fan_in = parameter[0].numel()
        spread = (2 / fan_in) ** 0.5 if name.startswith("features") else 0.01
        assert parameter.std().item() == pytest.approx(spread, rel=0.05), name


@torch.no_grad()
def test_dropout_of_one_half_follows_both_hidden_layers():
    model = checks.built("vgg11", **SMALL).train()
    for number in (2, 5):
        assert model.classifier[number].p == 0.5
        x = torch.ones(1, 1000)
        kept = model.classifier[number](x) != 0
        assert 400 < kept.sum() < 600


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", each((*FAST, *OTHERS), FAST))
def test_what_every_model_must_do(name, check):
    check(name, **SMALL)


@pytest.mark.long
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_the_same_at_full_width(check):
    check("vgg11", size=64)


@pytest.mark.parametrize(("name", "lr"), [long_if(True, "vgg11", 6e-4), ("vgg11_bn", 3e-4)])
def test_one_batch_is_learned_by_heart(name, lr):
    few = {"hidden_size": 64, "dropout": 0.0, "num_classes": 8}
    checks.check_overfits(name, lr=lr, steps=25, size=32, training=True, **few)
