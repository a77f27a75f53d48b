"""Images with one object at most: picking, digests, what training depends on."""

from dataclasses import replace

import pytest
import torch

from tests.helpers import located
from zoo.data.image.located_images import NOTHING, LocatedImages


def test_pick_keeps_what_belongs_together():
    part = located.shapes(12)
    chosen = part.pick(torch.tensor([5, 2]))
    assert torch.equal(chosen.pixels, part.pixels[[5, 2]])
    assert torch.equal(chosen.points, part.points[[5, 2]])
    assert chosen.labels.tolist() == part.labels[[5, 2]].tolist()
    assert len(part.pick(slice(3, 7))) == 4
    filed = replace(part, files=tuple("abcdefghijkl"))
    assert filed.pick(torch.tensor([5, 2])).files == ("f", "c")
    assert filed.digests()[2][0] == "c"


def test_present_and_fractions():
    part = located.shapes(6)
    assert part.present.tolist() == [False, True, True] * 2
    assert part.labels[0] == NOTHING
    wide = LocatedImages(
        torch.zeros(1, 3, 10, 20, dtype=torch.uint8),
        torch.tensor([[[5.0, 5.0], [20.0, 10.0]]]),
        torch.tensor([0]),
        ("one",),
    )
    assert wide.fractions().tolist() == [[[0.25, 0.5], [1.0, 1.0]]]


def test_the_digest_is_of_train_and_dev():
    data = located.splits()
    same = replace(data, test=data.dev)
    other = replace(data, train=replace(data.train, points=data.train.points + 1))
    relabelled = replace(data, dev=replace(data.dev, labels=data.dev.labels.flip(0)))
    assert data.digest() == same.digest()
    assert len({data.digest(), other.digest(), relabelled.digest()}) == 3


def test_what_a_set_tells():
    data = located.splits(60, 18, 18)
    assert data.about()["objects"] == {"train": 40, "dev": 12, "test": 12}
    assert list(data.parts()) == ["train", "dev", "test"]
    assert list(replace(data, only="all").parts()) == ["all"]
    assert len(data.examples()["train"]) == 60
    assert data.to(torch.device("cpu")).digest() == data.digest()


def test_shapes_that_do_not_fit_are_refused():
    part = located.shapes(3)
    with pytest.raises(ValueError, match="uint8"):
        replace(part, pixels=part.pixels.float())
    with pytest.raises(ValueError, match="points of 2"):
        replace(part, points=part.points[:2])
