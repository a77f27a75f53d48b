"""A handful of examples of each class."""

import pytest
import torch

from zoo.data.image.few_labels import few
from zoo.datasets.digits import digits
from zoo.errors import BadInput


def test_as_many_of_each_class_and_all_of_the_rest():
    whole = digits()
    part = few(whole, 5)
    assert torch.bincount(part.train.labels).tolist() == [5] * 10
    assert len(part.dev) == len(whole.dev)
    assert len(part.test) == len(whole.test)
    assert part.name == "scikit-learn digits, 5 labels a class"
    rows = {tuple(p.flatten().tolist()) for p in whole.train.pixels}
    assert all(tuple(p.flatten().tolist()) in rows for p in part.train.pixels)


def test_the_draw_depends_on_the_seed_only():
    assert few(digits(), 5).digest() == few(digits(), 5).digest()
    assert few(digits(), 5).digest() != few(digits(), 5, seed=1).digest()
    some, more = few(digits(), 5).train.pixels, few(digits(), 10).train.pixels
    assert torch.equal(some[:5], more[:5])  # the larger draw holds the smaller


def test_too_few_is_said():
    with pytest.raises(BadInput, match="examples of 0, fewer than 1000"):
        few(digits(), 1000)
