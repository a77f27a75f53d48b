"""AlexNet as two towers in numpy; the one-tower form against torchvision's."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision

from tests.models import checks
from tests.models.numpy_layers import convolve, pool, relu, weights_of
from tests.nn.test_norm import formula
from zoo import registry

SMALL = {"size": 64, "hidden_size": 64, "num_classes": 10}


def counts(model):
    """Parameters of each layer that has some."""
    layers = {name: list(part.parameters(recurse=False)) for name, part in model.named_modules()}
    return {name: sum(p.numel() for p in own) for name, own in layers.items() if own}


def test_parameters_of_the_two_towers():
    found = counts(checks.on_paper("alexnet"))
    assert found == {
        "conv1": 34_944, "conv2": 307_456, "conv3": 885_120, "conv4": 663_936, "conv5": 442_624,
        "fc6": 37_752_832, "fc7": 16_781_312, "fc8": 4_097_000,
    }  # fmt: skip
    assert sum(found.values()) == 60_965_224
    unseen = {"conv2": 48 * 25 * 256, "conv4": 192 * 9 * 384, "conv5": 192 * 9 * 256}
    assert 60_965_224 + sum(unseen.values()) == 62_378_344  # the single tower of CaffeNet


def test_parameters_of_torchvisions_form_and_of_the_footnote():
    found = counts(checks.on_paper("alexnet_owt"))
    assert sum(found.values()) == 61_100_840
    conv4 = 128 * (384 * 9 + 1)  # the footnote of the paper has 384 maps where torchvision has 256
    conv5 = 256 * 128 * 9
    assert 61_100_840 + conv4 + conv5 == 61_838_248


def test_shapes_are_the_papers():
    """Sec. 3.5 counts the neurons of each layer; its figure for conv1 is no 55 x 55 x 96."""
    model, seen = checks.on_paper("alexnet"), {}
    for name, part in model.named_children():
        if name.startswith(("conv", "fc")):
            part.register_forward_hook(lambda m, i, o, n=name: seen.update({n: tuple(o.shape)}))
    stages = model.forward_stages(torch.zeros(2, 3, 224, 224, device="meta"))
    model.forward_head(stages[-1])
    assert [tuple(stage.shape[1:]) for stage in stages] == [
        (96, 27, 27), (256, 13, 13), (256, 6, 6)
    ]  # fmt: skip
    assert seen["conv1"] == (2, 96, 55, 55)
    neurons = [int(np.prod(shape[1:])) for shape in list(seen.values())[1:]]
    assert neurons == [186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]


def test_shapes_of_torchvisions_form():
    stages = checks.on_paper("alexnet_owt").forward_stages(
        torch.zeros(2, 3, 224, 224, device="meta")
    )
    assert [tuple(stage.shape[1:]) for stage in stages] == [
        (64, 27, 27), (192, 13, 13), (256, 6, 6)
    ]  # fmt: skip


def two_towers(w, picture):
    """The network as it ran on two cards, which exchange maps only where the paper says.

    Each tower is a list entry; ``both`` is the exchange.
    """

    def layer(name, inputs, **options):
        halves = zip(np.split(w[f"{name}.weight"], 2), np.split(w[f"{name}.bias"], 2), strict=True)
        return [relu(convolve(x, *half, **options)) for x, half in zip(inputs, halves, strict=True)]

    def both(towers):
        return [np.concatenate(towers)] * 2

    def normalised(towers):
        return np.split(formula(both(towers)[0][None], 5, 2, 1e-4, 0.75)[0], 2)

    picture = np.pad(picture, ((0, 0), (0, 3), (0, 3)))
    x = [pool(t, 3, 2) for t in normalised(layer("conv1", [picture] * 2, stride=4))]
    x = [pool(t, 3, 2) for t in normalised(layer("conv2", x, pad=2))]
    x = layer("conv3", both(x), pad=1)
    x = layer("conv5", layer("conv4", x, pad=1), pad=1)
    x = both([pool(t, 3, 2) for t in x])[0].reshape(-1)
    x = relu(w["fc6.weight"] @ x + w["fc6.bias"])
    x = relu(w["fc7.weight"] @ x + w["fc7.bias"])
    return w["fc8.weight"] @ x + w["fc8.bias"]


def test_parity_with_two_towers_in_numpy():
    model = checks.built("alexnet", num_classes=10, hidden_size=512)
    with torch.no_grad():
        for name in ("conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"):
            model.get_parameter(f"{name}.weight").mul_(4)  # 0.01 leaves little but the biases
    pictures = 20 * checks.example("alexnet", 2)
    weights = weights_of(model)
    expected = np.stack([two_towers(weights, picture.double().numpy()) for picture in pictures])
    assert np.abs(expected[0] - expected[1]).max() > 0.1  # the pictures matter
    with torch.no_grad():
        single = model(pictures).numpy()
        np.testing.assert_allclose(model.double()(pictures.double()), expected, rtol=0, atol=1e-10)
    assert np.abs(single - expected).max() < 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize(
    ("source", "reader", "towers"),
    [
        ("conv1", "conv2", [True, False]),
        ("conv2", "conv3", [True, True]),
        ("conv3", "conv4", [True, False]),
        ("conv4", "conv5", [True, False]),
    ],
)
@torch.no_grad()
def test_the_towers_meet_in_the_third_layer_only(source, reader, towers):
    """Which towers notice that the first map of the first tower has changed."""
    model, seen = checks.built("alexnet", **SMALL), []
    model.get_submodule(reader).register_forward_hook(lambda m, i, o: seen.append(o.clone()))
    for _ in range(2):
        model(checks.example("alexnet", **SMALL))
        model.get_parameter(f"{source}.bias")[0] += 1
    halves = zip(*(maps.chunk(2, 1) for maps in seen), strict=True)
    assert [not torch.equal(before, after) for before, after in halves] == towers


@torch.no_grad()
def test_a_crop_of_227_reads_no_zeros_and_one_of_224_three_rows_of_them():
    model = checks.built("alexnet", hidden_size=16, num_classes=3)
    crop = checks.example("alexnet", 1, size=227)
    unpadded = model.pool(model.norm(F.relu(model.conv1(crop))))
    assert torch.equal(model.forward_stages(crop)[0], unpadded)
    inside = crop[..., :224, :224]
    assert torch.equal(model(inside), model(F.pad(inside, (0, 3, 0, 3))))
    assert not torch.equal(model(inside), model(crop))


def test_initial_weights_are_the_papers():
    torch.manual_seed(0)
    model = registry.build("alexnet", num_classes=10, hidden_size=512)
    for name, layer in model.named_children():
        if not name.startswith(("conv", "fc")):
            continue
        assert layer.weight.std().item() == pytest.approx(0.01, rel=0.03), name
        assert layer.weight.mean().item() == pytest.approx(0, abs=5e-4), name
        ones = name in ("conv2", "conv4", "conv5", "fc6", "fc7")
        assert (layer.bias == float(ones)).all(), name


def entering(model, *layers):
    """What enters some layers in training, by hooks."""
    seen = {}
    for name in layers:
        part = model.get_submodule(name)
        part.register_forward_pre_hook(lambda m, i, n=name: seen.update({n: i[0].detach().clone()}))
        part.register_forward_hook(
            lambda m, i, o, n=name: seen.update({f"{n} out": o.detach().clone()})
        )
    torch.manual_seed(0)
    with torch.no_grad():
        seen["features"] = model.train().forward_features(checks.example("alexnet", size=64))
        model.forward_head(seen["features"])
    return seen


def dropped(before, after):
    """Some of ``before`` became zero, and what is left was doubled."""
    kept = after != 0
    return bool((~kept & (before != 0)).any()) and torch.allclose(after[kept], 2 * before[kept])


def test_dropout_is_after_the_hidden_layers_in_2012_and_before_them_in_torchvision():
    seen = entering(checks.built("alexnet", **SMALL), "fc6", "fc7", "fc8")
    maps = F.adaptive_avg_pool2d(seen["features"], 6).flatten(1)
    assert torch.equal(seen["fc6"], maps)
    assert dropped(seen["fc6 out"].relu(), seen["fc7"])
    assert dropped(seen["fc7 out"].relu(), seen["fc8"])
    names = ("classifier.1", "classifier.4", "classifier.6")
    seen = entering(checks.built("alexnet_owt", **SMALL), *names)
    maps = F.adaptive_avg_pool2d(seen["features"], 6).flatten(1)
    assert dropped(maps, seen["classifier.1"])
    assert dropped(seen["classifier.1 out"].relu(), seen["classifier.4"])
    assert torch.equal(seen["classifier.4 out"].relu(), seen["classifier.6"])


def test_parity_with_torchvision():
    """Same outputs, in training too: the same seed drops the same units."""
    torch.manual_seed(0)
    theirs = torchvision.models.alexnet(num_classes=10).double()
    state = {key: value.clone() for key, value in theirs.state_dict().items()}
    ours = checks.on_paper("alexnet_owt", num_classes=10)
    ours.load_state_dict(state, strict=True, assign=True)
    for mode, size in ((True, 64), (False, 64), (False, 224)):
        pictures = checks.example("alexnet_owt", 2, size=size).double()
        outputs = []
        for model in (theirs.train(mode), ours.train(mode)):
            torch.manual_seed(1)
            with torch.no_grad():
                outputs.append(model(pictures))
        assert torch.allclose(*outputs, rtol=0, atol=1e-10)
        assert outputs[0].std() > 1e-3


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", ["alexnet", "alexnet_owt"])
def test_what_every_model_must_do(name, check):
    check(name, **SMALL)


@pytest.mark.long
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", ["alexnet", "alexnet_owt"])
def test_the_same_at_full_size(name, check):
    check(name)


@pytest.mark.parametrize(
    ("name", "steps"), [pytest.param("alexnet", 150, marks=pytest.mark.long), ("alexnet_owt", 40)]
)
def test_one_batch_is_learned_by_heart(name, steps):
    few = {"hidden_size": 256, "dropout": 0.0, "num_classes": 8}
    checks.check_overfits(name, lr=3e-4, steps=steps, size=64, **few)
