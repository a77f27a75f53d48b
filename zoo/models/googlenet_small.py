"""A small network for 28x28 images, in the manner of GoogLeNet.

Paper: Szegedy et al. 2014, arXiv:1409.4842 (inception modules, global average pooling).
Notes: course 4, week 2, "Inception network".
Deviations: this is not the paper's network but its idea at a thousandth of the cost: batch norm
after every convolution, four inception modules, no auxiliary heads.
Proof: tests/models/test_googlenet_small.py.
"""

from torch import nn

from zoo.nn.conv import ConvNormReLU
from zoo.nn.inception import Inception
from zoo.nn.staged_classifier import StagedClassifier
from zoo.registry import register


@register(
    "googlenet_small",
    paper="after Szegedy et al. 2014, arXiv:1409.4842",
    input_shape=(1, 28, 28),
    stem="stages.0.0.conv.weight",
    head="fc",
)
def googlenet_small(num_classes: int = 10, in_chans: int = 1) -> StagedClassifier:
    """GoogLeNet's idea at 28x28: a convolution and four inception modules, 132,994 parameters."""
    stages: list[nn.Module] = [
        nn.Sequential(ConvNormReLU(in_chans, 16, 3, 1, 1)),
        nn.Sequential(
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Inception(16, 16, 16, 24, 8, 8, 8, unit=ConvNormReLU),
            Inception(56, 24, 24, 32, 8, 16, 16, unit=ConvNormReLU),
        ),
        nn.Sequential(
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Inception(88, 32, 32, 64, 12, 24, 24, unit=ConvNormReLU),
            Inception(144, 48, 48, 96, 16, 32, 32, unit=ConvNormReLU),
        ),
    ]
    return StagedClassifier(stages, 208, num_classes)
