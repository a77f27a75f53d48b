"""Batch norm that no longer learns: what detectors do with a backbone that came from a classifier.

With two images a batch has no useful mean and variance; those of ImageNet stay (He et al. 2015,
arXiv:1512.03385, appendix A). Proof: tests/nn/regions/test_frozen_norm.py.
"""

import torch
from torch import Tensor, nn


class FrozenBatchNorm(nn.Module):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, all four of them buffers.

    Args:
        eps: torchvision's weights of 2020 were trained with 0, which its class has as 1e-5: it sets
            that back when it loads them.
    """

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, maps: int, eps: float = 0.0) -> None:
        super().__init__()
        self.eps = eps
        for name, value in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0)):
            self.register_buffer(name, torch.full((maps,), value))
        self.register_buffer("running_var", torch.ones(maps))

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, C, H, W) to the same."""
        scale = self.weight * (self.running_var + self.eps).rsqrt()
        shift = self.bias - self.running_mean * scale
        return x * scale.view(-1, 1, 1) + shift.view(-1, 1, 1)


def freeze_norms(model: nn.Module) -> None:
    """Replace every batch norm of ``model`` by a fresh ``FrozenBatchNorm``."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm2d):
                module.register_module(name, FrozenBatchNorm(child.num_features))
