"""The digits of the demo, against scikit-learn's own arrays."""

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits

from zoo.datasets.digits import digits


@pytest.fixture(scope="module")
def raw():
    return load_digits()


def test_sizes_and_classes():
    data = digits()
    assert {k: len(v) for k, v in data.parts().items()} == {"train": 799, "dev": 99, "test": 899}
    for part in data.parts().values():
        assert part.classes == tuple("0123456789")
        assert part.labels.unique().tolist() == list(range(10))
        assert part.pixels.shape[1:] == (1, 8, 8)
        assert part.pixels.dtype == torch.uint8


def test_first_half_trains_and_second_half_tests(raw):
    data = digits()
    levels = torch.from_numpy(raw.images / 16 * 255).round().to(torch.uint8)[:, None]
    labels = torch.from_numpy(raw.target)
    held_out = torch.arange(898) % 9 == 8
    for part, pixels, right in (
        (data.test, levels[898:], labels[898:]),
        (data.dev, levels[:898][held_out], labels[:898][held_out]),
        (data.train, levels[:898][~held_out], labels[:898][~held_out]),
    ):
        assert torch.equal(part.pixels, pixels)
        assert torch.equal(part.labels, right)


def test_levels_fill_the_bytes():
    pixels = digits().train.pixels
    assert pixels.unique().tolist() == [round(level / 16 * 255) for level in range(17)]


def test_same_each_time():
    assert digits().digest() == digits().digest()


def test_size_and_frame(raw):
    data = digits(size=28, pad=2)
    assert data.front_end.input_shape == data.train.pixels.shape[1:] == (1, 32, 32)
    first = Image.fromarray((raw.images[0] / 16 * 255).round().astype(np.uint8))
    right = np.array(first.resize((28, 28), Image.Resampling.BILINEAR))
    assert np.array_equal(data.train.pixels[0, 0, 2:-2, 2:-2].numpy(), right)
    assert data.train.pixels[:, :, :2].sum() == 0


def test_front_end_gives_the_training_pixels(raw):
    data = digits(size=28, pad=2)
    level = (raw.images[0] / 16 * 255).round().astype(np.uint8)
    assert torch.equal(data.front_end.pixels(level), data.train.pixels[0])
    pen_on_paper = data.front_end.pixels(255 - level).int()
    assert (pen_on_paper - data.train.pixels[0]).abs().max() <= 1  # rounding


def test_normalised_digits_are_centred():
    data = digits()
    values = data.front_end.normalise(data.train.pixels)
    assert abs(values.mean()) < 0.1
    assert abs(values.std() - 1) < 0.1
