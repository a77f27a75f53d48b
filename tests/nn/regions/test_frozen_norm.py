"""Frozen batch norm, beside torchvision's and beside a batch norm that does not train."""

import torch
from torch import nn
from torchvision.ops.misc import FrozenBatchNorm2d

from zoo.nn.regions.frozen_norm import FrozenBatchNorm, freeze_norms


def test_as_torchvision_and_as_batch_norm() -> None:
    norm = nn.BatchNorm2d(5).double().eval()
    for value in (*norm.parameters(), norm.running_mean):
        nn.init.normal_(value)
    nn.init.uniform_(norm.running_var, 0.5, 2)
    state = {k: v for k, v in norm.state_dict().items() if k != "num_batches_tracked"}
    x = torch.randn(2, 5, 3, 4, dtype=torch.float64)
    for ours, theirs in (
        (FrozenBatchNorm(5), FrozenBatchNorm2d(5, eps=0.0)),
        (FrozenBatchNorm(5, eps=1e-5), norm),
    ):
        ours.double().load_state_dict(state)
        theirs.double().load_state_dict({**norm.state_dict()})
        assert list(ours.parameters()) == []
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-12, atol=1e-12)


def test_every_norm_of_a_network_is_replaced() -> None:
    model = nn.Sequential(nn.Conv2d(1, 3, 1), nn.Sequential(nn.BatchNorm2d(3)), nn.BatchNorm2d(3))
    freeze_norms(model)
    assert isinstance(model[1][0], FrozenBatchNorm)
    assert isinstance(model[2], FrozenBatchNorm)
