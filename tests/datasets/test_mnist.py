"""MNIST: the division, pixels normalised as in the paper; the real files where they are."""

from dataclasses import replace

import pytest
import torch

from tests.data.image.test_mnist_format import IDX, check_real_set, source
from zoo.data.image.mnist_format import read
from zoo.datasets import mnist as module
from zoo.datasets.mnist import mnist


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
    data = mnist(pad=2)
    assert {k: len(v) for k, v in data.parts().items()} == {"train": 22, "dev": 2, "test": 6}
    assert data.front_end.input_shape == data.train.pixels.shape[1:] == (1, 32, 32)
    both = torch.cat([data.train.pixels, data.dev.pixels]).flatten(1).tolist()
    everything = read(module.SOURCE.name, folder, True, data.train.classes, 2).pixels
    assert sorted(both) == sorted(everything.flatten(1).tolist())  # disjoint, complete
    assert data.digest() == mnist(pad=2).digest()


def test_digits_are_normalised_as_in_the_paper(folder):
    ground_and_ink = torch.tensor([0, 255], dtype=torch.uint8).view(1, 1, 1, 2)
    levels = mnist().front_end.normalise(ground_and_ink).flatten()
    torch.testing.assert_close(levels, torch.tensor([-0.1, 1.175]))  # LeCun et al. 1998, II.B


def test_real_set(zoo_data):
    data = check_real_set(zoo_data, "MNIST", mnist)
    histogram = data.test.labels.bincount().tolist()
    assert histogram == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
