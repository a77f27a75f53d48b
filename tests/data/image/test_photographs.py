"""Photographs in memory: sizes, crops that depend on the seed only, squares, their front end."""

import pytest
import torch

from tests.helpers.photographs import photographs, splits
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.photographs import Photographs
from zoo.engine.seed import generator
from zoo.errors import BadFile, BadInput


def test_crops_depend_on_the_seed_only_and_are_shared_by_ranks():
    some, index = photographs(6), torch.tensor([4, 0, 2, 5])
    whole = some.crops(index, slice(None), 32, generator(1))
    assert whole.shape == (4, 3, 32, 32)
    assert whole.dtype == torch.uint8
    parts = [some.crops(index, slice(a, a + 2), 32, generator(1)) for a in (0, 2)]
    assert torch.equal(torch.cat(parts), whole)
    assert not torch.equal(some.crops(index, slice(None), 32, generator(2)), whole)


def test_crops_have_every_size_and_place():
    """Of a ramp: a crop's range tells its side, its least value its place, its order the mirror."""
    ramp = torch.arange(200).to(torch.uint8).expand(3, 100, 200).contiguous()
    one = Photographs((ramp,), ("ramp",))
    draw, ranges, lows, mirrored = generator(3), [], [], []
    for _ in range(60):
        crop = one.crops(torch.tensor([0]), slice(None), 20, draw)[0, 0, 0].float()
        ranges.append(float(crop.max() - crop.min()))
        lows.append(float(crop.min()))
        mirrored.append(bool(crop[0] > crop[-1]))
    assert min(ranges) < 30
    assert max(ranges) > 80
    assert min(lows) < 20
    assert max(lows) > 100
    assert 15 < sum(mirrored) < 45


def test_a_smaller_photograph_is_enlarged():
    one = Photographs((torch.full((3, 20, 30), 7, dtype=torch.uint8),), ("small",))
    crop = one.crops(torch.tensor([0]), slice(None), 64, generator(0))
    assert crop.shape == (1, 3, 64, 64)
    assert crop.unique().tolist() == [7]


def test_squares_are_the_middle():
    image = torch.zeros(3, 40, 80, dtype=torch.uint8)
    image[:, :, 20:60] = 200
    one = Photographs((image,), ("a",))
    assert one.squares(40).unique().tolist() == [200]
    assert one.squares(16).shape == (1, 3, 16, 16)


def test_what_is_no_photograph_is_refused():
    with pytest.raises(ValueError, match="uint8"):
        Photographs((torch.zeros(3, 4, 4),), ("a",))
    with pytest.raises(ValueError, match="2 names"):
        Photographs((torch.zeros(3, 4, 4, dtype=torch.uint8),), ("a", "b"))


def test_the_digest_is_of_train_and_dev():
    base, other = splits(), splits(test=3)
    assert base.digest() == other.digest() != splits(train=5).digest()
    assert [len(one) for one in base.examples().values()] == [4, 2, 2]
    assert "pixels" in base.about()["sides"]


def test_the_front_end_keeps_the_aspect_ratio():
    image = torch.zeros(3, 300, 600, dtype=torch.uint8)
    small = PhotographFrontEnd(100)
    assert small.pixels(image).shape == (3, 50, 100)
    assert small.pixels(image[:, :40, :60]).shape == (3, 40, 60)
    white = torch.full((3, 6, 6), 255, dtype=torch.uint8)
    assert PhotographFrontEnd(8, top=255)(white).unique().tolist() == [255.0]
    assert PhotographFrontEnd(8)(white).unique().tolist() == [1.0]


def test_the_front_end_goes_to_the_card_and_back():
    for front_end in (PhotographFrontEnd(), PhotographFrontEnd(300, 255.0)):
        assert PhotographFrontEnd.from_card(front_end.to_card()) == front_end
    for record in ({}, {"kind": "picture"}, {"kind": "photograph", "longest": 0}):
        with pytest.raises(BadFile, match="not understood"):
            PhotographFrontEnd.from_card(record)
    for wrong in ({"longest": 10**6}, {"longest": 1.5}, {"top": 0.0}):
        with pytest.raises(BadInput, match="must be"):
            PhotographFrontEnd(**wrong)
