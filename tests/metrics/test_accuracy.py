import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, top_k_accuracy_score

from zoo.metrics.accuracy import confusion, error_rates, misclassified, most_confident_wrong


@pytest.mark.parametrize("k", [1, 2, 5])
def test_equals_scikit_learn(k):
    draw = np.random.default_rng(k)
    scores, labels = draw.normal(size=(200, 6)), draw.integers(0, 6, 200)
    ours = misclassified(torch.from_numpy(scores), torch.from_numpy(labels), k).sum().item()
    peer = top_k_accuracy_score(labels, scores, k=k, labels=range(6), normalize=False)
    assert ours == 200 - peer


def test_nan_is_wrong_not_class_zero():
    logits = torch.tensor([[float("nan"), 0.0], [1.0, 0.0]])
    assert misclassified(logits, torch.tensor([0, 0])).tolist() == [True, False]


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


def test_the_most_confident_wrong_ones_and_of_equal_ones_the_first():
    p = torch.tensor([[0.6, 0.4], [0.1, 0.9], [0.2, 0.8], [0.1, 0.9], [0.8, 0.2], [0.55, 0.45]])
    labels = torch.tensor([0, 0, 1, 0, 1, 1])
    indices, predicted, shares = most_confident_wrong(p.log(), labels, 3)
    assert indices == [1, 3, 4]  # 1 and 3 are as sure; 0 and 2 are right; 5 is the fourth
    assert predicted == [1, 1, 0]
    assert shares == pytest.approx([0.9, 0.9, 0.8])
    assert most_confident_wrong(p.log(), p.argmax(1), 3) == ([], [], [])
