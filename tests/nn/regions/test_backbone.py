"""The small backbone's map, and the padding before it."""

import torch

from zoo.nn.regions.backbone import SmallBackbone, padded


def test_one_map_of_stride_8() -> None:
    backbone = SmallBackbone()
    [features] = backbone(torch.rand(2, 3, 48, 80))
    assert features.shape == (2, backbone.channels, 6, 10)


def test_padding_is_zeros_to_the_right_and_below() -> None:
    images = torch.rand(2, 3, 5, 16)
    larger = padded(images, 8)
    assert larger.shape == (2, 3, 8, 16)
    assert torch.equal(larger[:, :, :5], images)
    assert not larger[:, :, 5:].any()
    assert padded(larger, 8) is larger
