"""Fashion-MNIST: the division, mean and spread; the real files where they are."""

from dataclasses import replace

import pytest
import torch

from tests.data.image.test_mnist_format import IDX, check_real_set, source
from zoo.data.image.mnist_format import read
from zoo.datasets import fashion_mnist as module
from zoo.datasets.fashion_mnist import GARMENTS, fashion_mnist


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Four tiny idx files in place of the published ones."""
    raw = tmp_path / module.SOURCE.name / "raw"
    raw.mkdir(parents=True)
    for name, data in IDX.items():
        (raw / name).write_bytes(data)
    monkeypatch.setattr(module, "SOURCE", replace(module.SOURCE, sha256=source().sha256))
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    return tmp_path


def test_splits_of_the_whole(folder):
    data = fashion_mnist(pad=2)
    assert {k: len(v) for k, v in data.parts().items()} == {"train": 22, "dev": 2, "test": 6}
    assert data.front_end.input_shape == data.train.pixels.shape[1:] == (1, 32, 32)
    both = torch.cat([data.train.pixels, data.dev.pixels]).flatten(1).tolist()
    everything = read(module.SOURCE.name, folder, True, data.train.classes, 2).pixels
    assert sorted(both) == sorted(everything.flatten(1).tolist())  # disjoint, complete
    assert data.digest() == fashion_mnist(pad=2).digest()


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
