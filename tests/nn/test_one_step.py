"""One step of each layer against the layer itself on a sequence of one."""

import pytest
import torch
from torch import nn

from zoo.nn.gru import FusedGRU
from zoo.nn.one_step import gru_step, lstm_step, rnn_step


@pytest.mark.parametrize(
    ("layer", "step", "parts"),
    [
        (nn.LSTM(3, 5), lstm_step, 2),
        (nn.RNN(3, 5), rnn_step, 1),
        (FusedGRU(3, 5, batch_first=False), gru_step, 1),
        (FusedGRU(3, 5, batch_first=False, reset_after=False), gru_step, 1),
    ],
)
def test_a_step_is_that_of_the_layer(layer, step, parts):
    torch.manual_seed(parts)
    layer = layer.double()
    x, state = torch.randn(4, 3).double(), torch.randn(parts, 4, 5).double()
    with torch.no_grad():
        given = state.split(1) if parts == 2 else state
        output, last = layer(x[None], given)
        after = step(layer, x, state)
    expected = torch.cat(last) if parts == 2 else last
    torch.testing.assert_close(after, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(after[0], output[0], rtol=0, atol=1e-12)
