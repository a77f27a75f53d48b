import pytest
from torch import nn

from zoo.viz.layers.still import still


def test_modes_and_flags_come_back_as_they_were():
    model = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1), nn.Dropout())
    model.train()
    model[1].eval()  # a frozen norm
    model[0].weight.requires_grad_(False)
    modes = [m.training for m in model.modules()]
    flags = [p.requires_grad for p in model.parameters()]
    with still(model):
        assert not any(m.training for m in model.modules())
        assert not any(p.requires_grad for p in model.parameters())
    assert [m.training for m in model.modules()] == modes
    assert [p.requires_grad for p in model.parameters()] == flags


def test_also_after_an_error():
    model = nn.Sequential(nn.Linear(1, 1)).train()
    with pytest.raises(ValueError, match="no"), still(model):
        raise ValueError("no")
    assert model.training
    assert model[0].weight.requires_grad
