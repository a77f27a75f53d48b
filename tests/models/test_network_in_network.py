"""Network in network against perceptrons that slide over the picture, in numpy."""

import numpy as np
import pytest
import torch

from tests.models import checks
from tests.models.numpy_layers import pool, relu, weights_of
from zoo import registry

NAME = "network_in_network"
SMALL = {"size": 16}


def test_parameters():
    model = registry.build(NAME)
    found = [sum(p.numel() for p in block.parameters()) for block in model.blocks()]
    first = (192 * 75 + 192) + (160 * 192 + 160) + (96 * 160 + 96)
    second = (192 * 2400 + 192) + 2 * (192 * 192 + 192)
    third = (192 * 1728 + 192) + (192 * 192 + 192)
    assert found == [first, second, third, 1930]
    assert sum(found) == 966_986


def test_shapes():
    stages = registry.build(NAME).forward_stages(torch.zeros(2, 3, 32, 32))
    assert [tuple(s.shape[1:]) for s in stages] == [(96, 16, 16), (192, 8, 8), (192, 8, 8)]


def slide(w, names, maps, size):
    """Eq. 2: at each pixel, a perceptron of several layers sees the window around it."""
    side = size // 2
    maps = np.pad(maps, ((0, 0), (side, side), (side, side)))
    out = [
        [perceptron(w, names, maps[:, i : i + size, j : j + size].ravel()) for j in columns]
        for i, columns in [
            (i, range(maps.shape[2] - 2 * side)) for i in range(maps.shape[1] - 2 * side)
        ]
    ]
    return np.array(out).transpose(2, 0, 1)


def perceptron(w, names, x):
    for name in names:
        weight = w[f"{name}.weight"]
        x = relu(weight.reshape(len(weight), -1) @ x + w[f"{name}.bias"])
    return x


def oracle(w, picture):
    x = slide(w, ["mlpconv1.0", "mlpconv1.2", "mlpconv1.4"], picture, 5)
    x = pool(x, 3, 2, np.max, cover=True)
    x = slide(w, ["mlpconv2.0", "mlpconv2.2", "mlpconv2.4"], x, 5)
    x = pool(x, 3, 2, np.mean, cover=True)
    return slide(w, ["mlpconv3.0", "mlpconv3.2", "classifier"], x, 3).mean((1, 2))


@pytest.mark.parametrize("size", [32, 23])
def test_parity_with_numpy(size):
    model, pictures = checks.built(NAME), 20 * checks.example(NAME, 2, size=size)
    weights = weights_of(model)
    expected = np.stack([oracle(weights, picture.double().numpy()) for picture in pictures])
    assert np.abs(expected[0] - expected[1]).max() > 0.01  # the pictures matter
    with torch.no_grad():
        single = model(pictures).numpy()
        np.testing.assert_allclose(model.double()(pictures.double()), expected, rtol=0, atol=1e-10)
    assert np.abs(single - expected).max() < 1e-5 * np.abs(expected).max()


def test_initial_weights():
    torch.manual_seed(0)
    model = registry.build(NAME)
    model.reset_classifier(500)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            assert parameter.abs().max() == 0
        else:
            assert parameter.std().item() == pytest.approx(0.05, rel=0.03), name


def test_dropout_follows_both_poolings():
    model = checks.built(NAME).train()
    seen = []
    model.dropout.register_forward_hook(lambda m, i, o: seen.append((i[0], o)))
    with torch.no_grad():
        maps = model.forward_stages(checks.example(NAME, 2))
    assert model.dropout.p == 0.5
    assert len(seen) == 2
    for (before, after), stage in zip(seen, maps, strict=False):
        assert torch.equal(before, stage)
        kept = after != 0
        assert torch.equal(after[kept], 2 * before[kept])
        assert kept.sum() < 0.6 * (before != 0).sum()


def test_no_logit_is_below_zero():
    """Eq. 2 has a ReLU after every layer, the last included."""
    with torch.no_grad():
        logits = checks.built(NAME)(checks.example(NAME))
    assert logits.min() >= 0


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check(NAME, **SMALL)


@pytest.mark.long
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_the_same_at_full_size(check):
    check(NAME)


def test_a_batch_is_learned():
    """Not by heart: the ReLU after the last layer can leave a class without a gradient."""
    torch.manual_seed(0)
    model = registry.build(NAME, dropout=0.0).train()
    pictures, labels = checks.example(NAME, 8, size=16), torch.arange(8)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        losses.append(torch.nn.functional.cross_entropy(model(pictures), labels))
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.85 * losses[0]
