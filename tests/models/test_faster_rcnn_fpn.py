"""Faster R-CNN with a pyramid, beside torchvision's."""

import pytest
import torch
from torch import nn
from torchvision.models.detection import FasterRCNN as Theirs
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.ops.misc import FrozenBatchNorm2d

from tests.models.torchvision_peer import randomised
from zoo.models.faster_rcnn import FasterRCNN
from zoo.models.faster_rcnn_fpn import faster_rcnn_resnet50_fpn

PLAIN = {"image_mean": [0.0] * 3, "image_std": [1.0] * 3}  # the front end has its own test


def test_count() -> None:
    with torch.device("meta"):
        assert sum(p.numel() for p in faster_rcnn_resnet50_fpn().parameters()) == 41_755_286


def pair(size: tuple[int, int]) -> tuple[FasterRCNN, nn.Module]:
    """Ours and theirs with the same random weights, under the same names, in float64."""
    draw = torch.Generator().manual_seed(0)
    backbone = resnet_fpn_backbone(
        backbone_name="resnet50", weights=None, norm_layer=FrozenBatchNorm2d, trainable_layers=5
    )
    theirs = Theirs(backbone, 91, min_size=min(size), max_size=max(size), **PLAIN)
    randomised(theirs)
    with torch.no_grad():
        for layer in theirs.modules():
            if isinstance(layer, FrozenBatchNorm2d):
                layer.eps = 0.0  # as torchvision does when it loads its weights
                layer.running_mean.normal_(0, 0.1, generator=draw)
                layer.running_var.uniform_(0.5, 1.5, generator=draw)
                layer.weight.uniform_(0.3, 0.7, generator=draw)
                layer.bias.normal_(0, 0.1, generator=draw)
        for layer, most in (
            (theirs.rpn.head.bbox_pred, 0.3),
            (theirs.roi_heads.box_predictor.bbox_pred, 2.0),
            (theirs.roi_heads.box_predictor.cls_score, 3.0),
        ):
            layer.weight.mul_(most / layer(probe(theirs, layer)).std())
    ours = faster_rcnn_resnet50_fpn().double()
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    ours.load_state_dict(theirs.state_dict())
    return ours.eval(), theirs.eval()


def probe(model: nn.Module, layer: nn.Module) -> torch.Tensor:
    """What enters ``layer`` for some image."""
    seen: list[torch.Tensor] = []
    hook = layer.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    model.eval()([picture((64, 64))])
    hook.remove()
    return seen[0]


def picture(size: tuple[int, int]) -> torch.Tensor:
    draw = torch.Generator().manual_seed(1)
    return torch.rand(3, *size, generator=draw, dtype=torch.float64)


@pytest.mark.long
@pytest.mark.parametrize("size", [(96, 130), (160, 70)])
def test_as_torchvision(size: tuple[int, int]) -> None:
    ours, theirs = pair(size)
    image = picture(size)
    with torch.no_grad():
        [expected] = theirs([image])
        [found] = ours.detect(image[None], threshold=0.05, overlap=0.5, limit=100)
    assert found.size == len(expected["scores"]) > 20
    assert len(found.labels.unique()) > 3
    assert torch.equal(found.labels + 1, expected["labels"])
    torch.testing.assert_close(found.boxes, expected["boxes"], rtol=0, atol=1e-4)
    torch.testing.assert_close(found.scores, expected["scores"], rtol=0, atol=1e-5)
