"""Batch normalisation of sequences of different lengths. Paper: Deep Speech 2, sec. 3.2, eq. 6.

Amodei et al. 2016, arXiv:1512.02595: mean and variance are taken over the examples of a batch and
over their time. Padding does not count here, not in training either: a padded batch trains as its
examples would without padding.
Deviations: theirs normalises W h of a recurrent layer; this is put before W (the input of the
layer), as its other implementations have it.
Proof: tests/nn/sequence/test_sequence_norm.py.
"""

import torch
from torch import Tensor, nn


class SequenceNorm(nn.BatchNorm1d):
    """nn.BatchNorm1d over the real steps; its state dict is nn.BatchNorm1d's.

    Shapes: x (N, T, ..., D) and real (N, T), true where there is no padding -> x normalised over
    all but D, and zero in the padding.

    >>> norm = SequenceNorm(2)
    >>> x = torch.randn(3, 4, 2)
    >>> y = norm(x, torch.ones(3, 4, dtype=torch.bool))
    >>> torch.allclose(y, nn.BatchNorm1d(2)(x.mT).mT, atol=1e-5)
    True
    """

    def forward(self, x: Tensor, real: Tensor) -> Tensor:  # type: ignore[override]
        """Normalise."""
        mask = real.view(*real.shape, *(1,) * (x.dim() - 2))
        if not self.training:  # the running averages: no step depends on another
            mean, variance = self.get_buffer("running_mean"), self.get_buffer("running_var")
            scale = self.weight * (variance + self.eps).rsqrt()
            return ((x - mean) * scale + self.bias) * mask
        flat = x[real]  # (steps, ..., D)
        normal = super().forward(flat.reshape(-1, x.shape[-1])).view_as(flat)
        out = torch.zeros_like(x)
        out[real] = normal
        return out
