"""A network of features by name: what compares pictures in style transfer.

Proof: tests/pretrained/test_feature_network.py.
"""

from typing import Any

import torch
from torch import Tensor, nn

from zoo import registry
from zoo.errors import BadInput
from zoo.nn.features import MEAN, STD, FeatureNetwork, SequentialFeatures, fold_norms
from zoo.nn.plain_torch import plain_torch
from zoo.pretrained.create import create_model
from zoo.pretrained.made_as import made_as

PROBE = 32  # pixels
SAME = 1e-3  # largest difference of a feature, over the largest


@plain_torch()
def feature_network(name: str) -> FeatureNetwork:
    """The network with its weights, in evaluation mode, without gradients of its own.

    Batch norms are folded into the convolutions before them.

    Args:
        name: an architecture (its default weights: "vgg19" downloads torchvision's once) or
            weights, such as "vgg16.tv_in1k_v1".

    Raises:
        UnknownName: if there is no such network.
        BadInput: for a network of which no features are taken.
        Missing, BadFile: for weights that cannot be had, or are damaged.
    """
    arch = registry.entry(name.partition(".")[0])
    model: Any = create_model(name, pretrained="." not in name)
    if isinstance(model, FeatureNetwork):
        return _folded(model)
    made = made_as(model)
    row = dict(model.named_children()).get("features")  # of VGG: its layers up to the head
    if isinstance(row, nn.Sequential):
        record = (made.front_end if made is not None else None) or {}
        mean, std = record.get("mean"), record.get("std")
        return SequentialFeatures(row, tuple(mean or MEAN), tuple(std or STD))
    raise BadInput(
        f"{name} gives no features of pictures (its task is {arch.task}); expected vgg_perceptual, "
        "vgg19 or the like"
    )


def _folded(network: Any) -> FeatureNetwork:
    """The same features with fewer operations; as it is where folding would change them."""
    network.eval().requires_grad_(False)
    folded: Any = fold_norms(network)
    probe = torch.rand(1, 3, PROBE, PROBE, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before, after = network.extract(probe), folded.extract(probe)
    same = all(_same(maps, after[name]) for name, maps in before.items())
    chosen: FeatureNetwork = folded if same else network
    return chosen


def _same(one: Tensor, other: Tensor) -> bool:
    return float((one - other).abs().max()) <= SAME * float(one.abs().max())
