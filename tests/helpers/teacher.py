"""A teacher of image features that needs no weights of others: two fixed convolutions."""

import torch
import torch.nn.functional as F
from torch import nn


class Teacher(nn.Module):
    licence, notice = "a test's own network", "A test's own network."
    layers = ("fine", "coarse")
    content_layers, style_layers, convention = ("coarse",), ("fine",), "moments"

    def __init__(self):
        super().__init__()
        draw = torch.Generator().manual_seed(5)
        self.weight = nn.Parameter(torch.randn(4, 3, 3, 3, generator=draw), requires_grad=False)

    def extract(self, images, layers=None, *, pooling="average"):
        x = F.conv2d(F.pad(images - 0.5, (1,) * 4, mode="reflect"), self.weight)
        return {"fine": F.avg_pool2d(x.tanh(), 4), "coarse": F.avg_pool2d(x.tanh().abs(), 8)}


def teacher():
    return Teacher()


PAIRS = {"fine": "2_1", "coarse": "3_1"}
