"""MNIST: the division, pixels normalised as in the paper; the real files where they are."""

import pytest
import torch

from tests.data.image.test_mnist_format import check_real_set, check_splits, tiny_set
from zoo.datasets import mnist as module
from zoo.datasets.mnist import mnist


@pytest.fixture
def folder(tmp_path, monkeypatch):
    return tiny_set(tmp_path, monkeypatch, module)


def test_splits_of_the_whole(folder):
    check_splits(folder, mnist(pad=2), mnist(pad=2))


def test_digits_are_normalised_as_in_the_paper(folder):
    ground_and_ink = torch.tensor([0, 255], dtype=torch.uint8).view(1, 1, 1, 2)
    levels = mnist().front_end.normalise(ground_and_ink).flatten()
    torch.testing.assert_close(levels, torch.tensor([-0.1, 1.175]))  # LeCun et al. 1998, II.B


def test_real_set(zoo_data):
    data = check_real_set(zoo_data, "MNIST", mnist)
    histogram = data.test.labels.bincount().tolist()
    assert histogram == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
