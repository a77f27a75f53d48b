"""RoI align of one map and of a pyramid, beside torchvision's."""

import torch
from torchvision.ops import MultiScaleRoIAlign

from zoo.nn.regions.pooling import RegionAlign, with_image


def test_the_number_of_the_image_comes_first() -> None:
    rows = with_image([torch.ones(2, 4), torch.zeros(0, 4), torch.full((1, 4), 5.0)])
    assert rows.tolist() == [[0, 1, 1, 1, 1], [0, 1, 1, 1, 1], [2, 5, 5, 5, 5]]


def test_a_constant_region_stays_constant() -> None:
    maps = torch.arange(2.0).view(2, 1, 1, 1).expand(2, 3, 10, 10)
    cut = RegionAlign([1 / 8])([maps], [torch.tensor([[8.0, 8, 40, 72]]), torch.zeros(0, 4)])
    assert cut.shape == (1, 3, 7, 7)
    assert not cut.any()
    assert RegionAlign([1 / 8])([maps], [torch.zeros(0, 4)] * 2).shape == (0, 3, 7, 7)


def test_which_map() -> None:
    sides = [1, 111, 112, 223, 224, 447, 448, 5000]
    boxes = torch.tensor([[10.0, 10, 10 + side, 10 + side] for side in sides])
    levels = RegionAlign([1 / 4, 1 / 8, 1 / 16, 1 / 32]).levels(boxes)
    assert levels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_pyramid_as_torchvision() -> None:
    draw = torch.Generator().manual_seed(0)
    maps = [torch.randn(2, 5, 128 // s, 160 // s, generator=draw) for s in (1, 2, 4, 8)]
    corner = torch.rand(40, 2, generator=draw) * 300
    boxes = torch.cat([corner, corner + 4 + torch.rand(40, 2, generator=draw) * 400], 1)
    regions = [boxes[:15], boxes[15:]]
    peer = MultiScaleRoIAlign(["0", "1", "2", "3"], 7, 2)
    named = {str(i): one for i, one in enumerate(maps)}
    theirs = peer(named, regions, [(512, 640)] * 2)
    ours = RegionAlign([1 / 4, 1 / 8, 1 / 16, 1 / 32])(maps, regions)
    assert torch.equal(ours, theirs)
