import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, top_k_accuracy_score

from zoo.metrics.accuracy import confusion, error_rates, wrong


@pytest.mark.parametrize("k", [1, 2, 5])
def test_equals_scikit_learn(k):
    draw = np.random.default_rng(k)
    scores, labels = draw.normal(size=(200, 6)), draw.integers(0, 6, 200)
    ours = wrong(torch.from_numpy(scores), torch.from_numpy(labels), k).item()
    peer = top_k_accuracy_score(labels, scores, k=k, labels=range(6), normalize=False)
    assert ours == 200 - peer


def test_nan_is_wrong_not_class_zero():
    logits = torch.tensor([[float("nan"), 0.0], [1.0, 0.0]])
    assert wrong(logits, torch.tensor([0, 0])).item() == 1


def test_error_rates_equal_scikit_learn():
    draw = np.random.default_rng(4)
    labels, predicted = draw.integers(0, 3, 50), draw.integers(0, 3, 50)
    counts = torch.from_numpy(np.bincount(labels, minlength=4))  # one class does not occur
    mistakes = torch.from_numpy(np.bincount(labels[labels != predicted], minlength=4))
    rates = error_rates(mistakes, counts)
    assert rates["error"] == pytest.approx(100 * (labels != predicted).mean())
    balanced = 100 * (1 - balanced_accuracy_score(labels, predicted))
    assert rates["balanced_error"] == pytest.approx(balanced)


def test_confusion_equals_scikit_learn():
    draw = np.random.default_rng(3)
    labels, predicted = draw.integers(0, 4, 99), draw.integers(0, 4, 99)
    ours = confusion(torch.from_numpy(predicted), torch.from_numpy(labels), 4).numpy()
    np.testing.assert_array_equal(ours, confusion_matrix(labels, predicted))
