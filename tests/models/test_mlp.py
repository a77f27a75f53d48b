"""The notes' networks against their formulas in numpy, and against scikit-learn's MLP."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.neural_network import MLPClassifier

from tests.models import checks
from zoo import registry
from zoo.models.mlp import MLP

NAMES = ("mlp", "shallow_net", "logistic_regression")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_model_must_do(name, check):
    check(name)


@pytest.mark.parametrize(
    ("name", "arguments", "count"),
    [
        ("mlp", {}, 784 * 300 + 300 + 300 * 10 + 10),
        ("mlp", {"hidden_sizes": (300, 100)}, 266_610),
        ("mlp", {"hidden_sizes": ()}, 7_850),
        ("mlp", {"hidden_sizes": (20, 7, 5), "image_size": 8}, 64 * 20 + 20 + 147 + 40 + 60),
        ("mlp", {"batch_norm": True}, 784 * 300 + 2 * 300 + 3_010),
        ("shallow_net", {}, 238_510),
        ("logistic_regression", {}, 7_850),
        ("logistic_regression", {"in_chans": 3, "image_size": 32}, 30_730),
    ],
)
def test_parameters(name, arguments, count):
    assert sum(p.numel() for p in registry.build(name, **arguments).parameters()) == count


@pytest.mark.parametrize("name", NAMES)
def test_one_batch_is_learned_by_heart(name):
    checks.check_overfits(name)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_parity_with_numpy(activation):
    g = {
        "relu": lambda z: np.maximum(z, 0),
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    }
    model = checks.built("mlp", hidden_sizes=(30, 20), activation=activation).double()
    pictures = checks.example("mlp").double()
    a = pictures.flatten(1).numpy()
    for layer in [m for m in model.layers if isinstance(m, torch.nn.Linear)]:
        a = g[activation](a @ layer.weight.detach().numpy().T + layer.bias.detach().numpy())
    expected = a @ model.output.weight.detach().numpy().T + model.output.bias.detach().numpy()
    np.testing.assert_allclose(model(pictures).detach().numpy(), expected, atol=1e-10)


def test_parity_with_scikit_learn():
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(40, 64)), np.arange(40) % 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged, and need not
        peer = MLPClassifier((12, 9), max_iter=3, random_state=0).fit(x, y)
    model = MLP(4, image_size=8, hidden_sizes=(12, 9)).double()
    linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    with torch.no_grad():
        for layer, weight, bias in zip(linear, peer.coefs_, peer.intercepts_, strict=True):
            layer.weight.copy_(torch.from_numpy(weight.T))
            layer.bias.copy_(torch.from_numpy(bias))
        ours = model(torch.from_numpy(x).view(40, 1, 8, 8)).softmax(1)
    np.testing.assert_allclose(ours.numpy(), peer.predict_proba(x), atol=1e-10)


def test_inverted_dropout_keeps_the_expected_value():
    """Notes, course 2, week 1: kept units are divided by keep_prob; testing changes nothing."""
    torch.manual_seed(0)
    model = MLP(image_size=8, hidden_sizes=(400,), dropout=0.25)
    picture = torch.randn(1, 1, 8, 8)
    plain = model.eval().forward_features(picture)
    model.train()
    dropped = torch.stack([model.forward_features(picture) for _ in range(2000)])[:, 0]
    active = plain[0] > 0
    kept = dropped[:, active] != 0
    assert kept.float().mean().item() == pytest.approx(0.75, abs=0.01)
    ratio = (dropped[:, active] / plain[0, active])[kept]
    assert torch.allclose(ratio, torch.full_like(ratio, 1 / 0.75), atol=1e-4)
    assert torch.allclose(dropped.mean(0), plain[0], atol=0.15 * plain.max().item())


def test_batch_norm_is_the_one_of_the_notes():
    """z_norm = (z - mu) / sqrt(sigma^2 + eps); gamma z_norm + beta; weighted averages for tests."""
    model = (
        MLP(4, image_size=8, hidden_sizes=(6,), batch_norm=True, activation="tanh").double().train()
    )
    linear, norm = model.layers[0], model.layers[1]
    with torch.no_grad():
        norm.weight.uniform_(0.5, 2)
        norm.bias.uniform_(-1, 1)
    x = torch.randn(32, 1, 8, 8, dtype=torch.float64)
    z = (x.flatten(1) @ linear.weight.T).detach().numpy()
    mu, variance = z.mean(0), z.var(0)  # over m, as in the notes
    expected = np.tanh(
        norm.weight.detach().numpy() * (z - mu) / np.sqrt(variance + 1e-5)
        + norm.bias.detach().numpy()
    )
    np.testing.assert_allclose(model.forward_features(x).detach().numpy(), expected, atol=1e-10)
    assert linear.bias is None  # beta takes its place
    np.testing.assert_allclose(norm.running_mean.numpy(), 0.1 * mu, atol=1e-10)
    unbiased = 0.9 + 0.1 * variance * 32 / 31  # the deviation that the file names
    np.testing.assert_allclose(norm.running_var.numpy(), unbiased, atol=1e-10)


def test_an_unknown_activation_or_scheme_is_said():
    with pytest.raises(ValueError, match="relu, tanh, sigmoid"):
        MLP(activation="swish")
    with pytest.raises(ValueError, match="zero, random, xavier, he"):
        MLP(init="magic")
