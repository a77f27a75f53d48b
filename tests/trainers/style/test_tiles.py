"""Tiles cover a picture without gap or overlap, and hold what its features depend on."""

import pytest
import torch

from tests.helpers.small_features import small_features
from zoo.errors import BadInput
from zoo.nn.reach import Reach, reaches
from zoo.trainers.style.tiles import halo_of, spans, tiles


@pytest.mark.parametrize("length", [16, 31, 32, 33, 64, 100, 127])
@pytest.mark.parametrize("side", [1, 8, 20, 32, 1000])
def test_insides_cover_an_axis_once(length, side):
    found = spans(length, side, halo=16, stride=8)
    assert [one.start for one in found[1:]] == [one.stop for one in found[:-1]]
    assert (found[0].start, found[-1].stop) == (0, length)
    for one in found:
        assert one.start % 8 == one.first % 8 == 0
        assert one.stop - one.start >= 8
        assert (one.first, one.last) == (max(one.start - 16, 0), min(one.stop + 16, length))


@pytest.mark.parametrize("size", [(64, 48), (61, 50)])
@pytest.mark.parametrize("padding", ["reflect", "zeros"])
def test_features_inside_of_tiles_are_those_of_the_whole_picture(size, padding):
    network = small_features(padding=padding).double()
    picture = torch.rand(
        1, 3, *size, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    reach = reaches(network.extract, torch.zeros(1, 3, 64, 64, dtype=torch.float64))
    whole, made = network.extract(picture), tiles(*size, 16, reach)
    assert len(made) > 4
    covered = {name: torch.zeros_like(maps) for name, maps in whole.items()}
    for tile in made:
        found = network.extract(tile.outer(picture))
        for name, maps in found.items():
            stride = reach[name].stride
            inside = tile.inner(maps, stride)
            torch.testing.assert_close(
                inside, tile.place(whole[name], stride), rtol=1e-12, atol=1e-12
            )
            tile.place(covered[name], stride).add_(1)
    assert all((one == 1).all() for one in covered.values())


def test_without_a_side_there_is_one_tile():
    [tile] = tiles(40, 30, None, {"a": Reach(4, 9, 9)})
    assert tile.outer(torch.zeros(1, 3, 40, 30)).shape == (1, 3, 40, 30)


def test_the_halo_is_what_the_deepest_layer_sees():
    assert halo_of({"a": Reach(1, 2, 2), "b": Reach(8, 17, 20)}) == 24


def test_strides_that_do_not_divide_each_other():
    with pytest.raises(BadInput, match="strides divide each other"):
        tiles(40, 30, 16, {"a": Reach(3, 1, 1), "b": Reach(4, 1, 1)})
