"""Small networks to look at, each with ReLUs of one kind."""

import torch
import torch.nn.functional as F
from torch import nn


class Small(nn.Module):
    """Two convolutions with an activation each, max pooling, a linear layer."""

    def __init__(self, activation, pool=None, seed=0):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.conv1 = nn.Conv2d(2, 4, 3, padding=1)
            self.conv2 = nn.Conv2d(4, 6, 3, stride=2)
            self.fc = nn.Linear(6 * 4, 3)
        self.activation = activation
        self.pool = nn.MaxPool2d(2) if pool is None else pool

    def forward(self, x):
        x = self.activation(self.conv1(x))
        x = self.activation(self.conv2(self.pool(x)))
        return self.fc(x[:, :, :2, :2].flatten(1))


class Reused(nn.Module):
    """A residual network that works in place wherever it can."""

    def __init__(self, inplace):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.conv1 = nn.Conv2d(2, 4, 3, padding=1)
            self.bn1 = nn.BatchNorm2d(4)
            self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
            self.fc = nn.Linear(4, 3)
            for buffer in (self.bn1.running_mean, self.bn1.weight.data):
                buffer.uniform_(0.5, 1.5)
        self.relu = nn.ReLU(inplace)
        self.inplace = inplace

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        y = self.conv2(x)
        if self.inplace:
            y += x
            F.relu_(y)
        else:
            y = F.relu(y + x)
        return self.fc(y.mean((2, 3)))


def image(size=12, channels=2, seed=0, count=1):
    return torch.randn(count, channels, size, size, generator=torch.Generator().manual_seed(seed))


def state(model):
    """All that looking must not change."""
    tensors = {name: value.clone() for name, value in model.state_dict().items()}
    flags = [p.requires_grad for p in model.parameters()]
    grads = [p.grad for p in model.parameters()]
    modes = [m.training for m in model.modules()]
    hooks = [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()]
    return tensors, (flags, grads, modes, hooks)


def same(before, after):
    assert before[1] == after[1]
    assert all(torch.equal(before[0][name], after[0][name]) for name in before[0])
    return True
