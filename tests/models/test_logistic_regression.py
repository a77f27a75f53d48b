"""Softmax regression against scikit-learn, and against the optimum that both must reach."""

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression as Peer

from zoo.models.logistic_regression import LogisticRegression


def test_parity_with_scikit_learn():
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(90, 16)), np.arange(90) % 3
    peer = Peer(max_iter=50).fit(x, y)
    model = LogisticRegression(3, image_size=4).double()
    with torch.no_grad():
        model.output.weight.copy_(torch.from_numpy(peer.coef_))
        model.output.bias.copy_(torch.from_numpy(peer.intercept_))
        ours = model(torch.from_numpy(x).view(90, 1, 4, 4)).softmax(1)
    np.testing.assert_allclose(ours.numpy(), peer.predict_proba(x), atol=1e-10)


def test_training_reaches_the_optimum_of_scikit_learn():
    draw = np.random.default_rng(1)
    x = draw.normal(size=(120, 16))
    y = (x[:, 0] + 0.5 * draw.normal(size=120) > 0).astype(int) + (x[:, 1] > 1)
    peer = Peer(C=1.0, tol=1e-10, max_iter=5000).fit(x, y)
    model = LogisticRegression(3, image_size=4).double()
    pictures, labels = torch.from_numpy(x).view(-1, 1, 4, 4), torch.from_numpy(y).long()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=500, tolerance_change=1e-14)

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(pictures), labels, reduction="sum")
        loss = loss + model.output.weight.square().sum() / 2  # C = 1
        loss.backward()
        return loss

    optimizer.step(closure)
    ours = model(pictures).softmax(1).detach().numpy()
    np.testing.assert_allclose(ours, peer.predict_proba(x), atol=1e-4)


def test_starts_from_equal_probabilities():
    out = LogisticRegression()(torch.randn(2, 1, 28, 28)).softmax(1)
    assert torch.allclose(out, torch.full((2, 10), 0.1))
