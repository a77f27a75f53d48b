import pytest
import torch

from zoo.engine.ema import EMA


def test_follows_the_recurrence_and_copies_buffers():
    model = torch.nn.BatchNorm1d(3)
    ema = EMA(model, 0.9)
    expected = model.weight.detach().clone()
    draw = torch.Generator().manual_seed(0)
    for step in range(1, 200):
        with torch.no_grad():
            model.weight.copy_(torch.randn(3, generator=draw))
            model.running_mean.fill_(step)
        decay = min(0.9, step / (step + 9))
        expected = decay * expected + (1 - decay) * model.weight.detach()
        ema.update(step)
        assert torch.allclose(ema.model.weight, expected, atol=1e-6)  # the ramp is soon forgotten
    assert ema.model.running_mean[0] == 199
    assert not ema.model.weight.requires_grad


@pytest.mark.parametrize("decay", [0.0, 1.0, -1.0])
def test_a_decay_outside_zero_and_one_is_refused(decay):
    with pytest.raises(ValueError, match="between 0 and 1"):
        EMA(torch.nn.Linear(1, 1), decay)
