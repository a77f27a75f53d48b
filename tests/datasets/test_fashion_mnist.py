"""Fashion-MNIST: the division, mean and spread; the real files where they are."""

import pytest
import torch

from tests.data.image.test_mnist_format import check_real_set, check_splits, tiny_set
from zoo.data.image.mnist_format import read
from zoo.datasets import fashion_mnist as module
from zoo.datasets.fashion_mnist import GARMENTS, fashion_mnist


@pytest.fixture
def folder(tmp_path, monkeypatch):
    return tiny_set(tmp_path, monkeypatch, module)


def test_splits_of_the_whole(folder):
    check_splits(folder, fashion_mnist(pad=2), fashion_mnist(pad=2))


def test_real_set(zoo_data):
    data = check_real_set(zoo_data, "FashionMNIST", fashion_mnist)
    assert data.test.labels.bincount().tolist() == [1000] * 10


def test_real_mean_and_spread_are_those_of_the_front_end(zoo_data):
    if not (zoo_data / "FashionMNIST").exists():
        pytest.skip(f"no FashionMNIST in {zoo_data}")
    pixels = read("FashionMNIST", zoo_data, True, GARMENTS).pixels
    levels = pixels.flatten().bincount(minlength=256).double()
    value = torch.arange(256) / 255
    mean = (levels * value).sum() / levels.sum()
    spread = ((levels * (value - mean) ** 2).sum() / levels.sum()).sqrt()
    assert fashion_mnist().front_end.mean == (round(mean.item(), 4),)
    assert fashion_mnist().front_end.std == (round(spread.item(), 4),)
