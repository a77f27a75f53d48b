"""A small network for 28x28 images, in the manner of VGG.

Paper: Simonyan & Zisserman 2014, arXiv:1409.1556 (only 3x3 convolutions, twice the maps after each
pooling). Notes: course 4, week 2, "Classic networks".
Deviations: this is not the paper's network but its idea at a thousandth of the cost: batch norm
after every convolution, few maps, global average pooling and one linear layer at the end.
Proof: tests/models/test_vgg_small.py.
"""

from torch import nn

from zoo.nn.conv import ConvNormReLU
from zoo.nn.staged_classifier import StagedClassifier
from zoo.registry import register


@register(
    "vgg_small",
    paper="after Simonyan & Zisserman 2014, arXiv:1409.1556",
    input_shape=(1, 28, 28),
    stem="stages.0.0.conv.weight",
    head="fc",
)
def vgg_small(num_classes: int = 10, in_chans: int = 1) -> StagedClassifier:
    """VGG's idea at 28x28: six 3x3 convolutions, 24-48-96 maps, 162,562 parameters."""
    stages: list[nn.Module] = []
    maps = in_chans
    for width in (24, 48, 96):
        units = [ConvNormReLU(maps, width, 3, 1, 1), ConvNormReLU(width, width, 3, 1, 1)]
        stages.append(nn.Sequential(*([nn.MaxPool2d(2)] if stages else []), *units))
        maps = width
    return StagedClassifier(stages, maps, num_classes)
