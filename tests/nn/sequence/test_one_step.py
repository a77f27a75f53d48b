"""One step of each layer against the layer itself on a sequence of one."""

import pytest
import torch
from torch import nn

from zoo.nn.sequence import one_step
from zoo.nn.sequence.gru import FusedGRU


@pytest.mark.parametrize(
    ("layer", "kind", "parts"),
    [
        (nn.LSTM(3, 5), one_step.lstm, 2),
        (nn.RNN(3, 5), one_step.rnn, 1),
        (FusedGRU(3, 5, batch_first=False), one_step.gru, 1),
        (FusedGRU(3, 5, batch_first=False, reset_after=False), one_step.gru, 1),
    ],
)
def test_steps_are_those_of_the_layer(layer, kind, parts):
    torch.manual_seed(parts)
    layer = layer.double()
    x, state = torch.randn(6, 4, 3).double(), torch.randn(parts, 4, 5).double()
    with torch.no_grad():
        weights = [parameter.clone() for parameter in layer.parameters()]
        output, last = layer(x, state.split(1) if parts == 2 else state)
        of_input, step = kind(layer)
        now = state.unbind(0)
        for x_t, expected in zip(x, output, strict=True):
            now = step(of_input(x_t), now)
            torch.testing.assert_close(now[0], expected, rtol=0, atol=1e-12)
    whole = torch.cat(last) if parts == 2 else last
    torch.testing.assert_close(torch.stack(now), whole, rtol=0, atol=1e-12)
    assert all(torch.equal(a, b) for a, b in zip(weights, layer.parameters(), strict=True))
