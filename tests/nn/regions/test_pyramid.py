"""The feature pyramid, beside torchvision's."""

import torch
from torchvision.ops.feature_pyramid_network import FeaturePyramidNetwork, LastLevelMaxPool

from zoo.nn.regions.pyramid import FeaturePyramid


def test_as_torchvision() -> None:
    draw = torch.Generator().manual_seed(0)
    maps = [torch.randn(2, c, s, s + 1, generator=draw) for c, s in ((3, 19), (4, 10), (5, 5))]
    ours = FeaturePyramid((3, 4, 5), 6)
    theirs = FeaturePyramidNetwork([3, 4, 5], 6, LastLevelMaxPool())
    theirs.load_state_dict(ours.state_dict())
    expected = theirs({str(i): one for i, one in enumerate(maps)}).values()
    for one, other in zip(ours(maps), expected, strict=True):
        torch.testing.assert_close(one, other)
    assert len(ours(maps)) == 4
