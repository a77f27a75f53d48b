"""The JPEG copy of CIFAR-10: read from zips that the test writes, and from the real ones."""

import io
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.data.root import data_folder
from zoo.datasets.cifar10 import CLASSES
from zoo.datasets.cifar10_jpeg import cifar10_jpeg, read
from zoo.errors import BadFile, Missing


def jpeg(colour, size=(32, 32), mode="RGB"):
    """One flat picture; flat ones survive JPEG to a grey level."""
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def write(path, images):
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in images.items():
            packed.writestr(name, data)
    return path


def complete(each=2):
    """Every class with its own colour, in no order."""
    names = [f"{name}/{n:04}.jpg" for name in reversed(CLASSES) for n in range(each)]
    return {name: jpeg((20 * CLASSES.index(name.split("/")[0]), 100, 7)) for name in names}


def test_images_classes_and_channels(tmp_path):
    found = read(write(tmp_path / "train.zip", complete()), each=2)
    assert found.pixels.shape == (20, 3, 32, 32)
    assert found.labels.tolist() == [n // 2 for n in range(20)]
    means = found.pixels.float().mean((2, 3))
    expected = torch.tensor([[20.0 * label, 100, 7] for label in found.labels])
    assert (means - expected).abs().max() <= 2


def test_grey_pictures_become_colour(tmp_path):
    images = complete() | {"cat/0000.jpg": jpeg(90, mode="L")}
    found = read(write(tmp_path / "train.zip", images), each=2)
    assert (found.pixels[6].float() - 90).abs().max() <= 2


def test_what_is_missing_or_damaged_is_said(tmp_path):
    with pytest.raises(Missing, match="CLASS/NNNN.jpg"):
        read(tmp_path / "train.zip", each=2)
    some = complete()
    del some["dog/0001.jpg"]
    with pytest.raises(BadFile, match="1 images of dog, expected 2"):
        read(write(tmp_path / "a.zip", some), each=2)
    with pytest.raises(BadFile, match="21 images, expected 20"):
        read(write(tmp_path / "b.zip", complete() | {"bus/0.jpg": jpeg(0)}), each=2)
    for odd in (b"no picture", jpeg((1, 2, 3))[:200], jpeg((1, 2, 3), size=(31, 32))):
        with pytest.raises(BadFile, match="damaged"):
            read(write(tmp_path / "c.zip", complete() | {"cat/0001.jpg": odd}), each=2)
    (tmp_path / "d.zip").write_bytes(b"PK no zip")
    with pytest.raises(BadFile, match="damaged"):
        read(tmp_path / "d.zip", each=2)


def test_the_real_copy():
    if not (data_folder() / "cifar10_jpeg" / "test.zip").exists():
        pytest.skip("needs the JPEG copy of CIFAR-10 in $ZOO_DATA")
    test = read(data_folder() / "cifar10_jpeg" / "test.zip", each=1000)
    assert torch.bincount(test.labels).tolist() == [1000] * 10
    mean = test.pixels.float().mean((0, 2, 3)) / 255
    assert np.allclose(mean, (0.4914, 0.4822, 0.4465), atol=0.01)


def test_splits_are_disjoint_and_fixed(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing):
        cifar10_jpeg()
