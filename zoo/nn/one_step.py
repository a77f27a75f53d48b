"""One time step of torch.nn's recurrent layers in evaluation: what writing token by token needs.

A whole sequence goes through nn.LSTM and its like, which prepare their kernels in each call: for
one step that takes longer than the step. Here the same weights go through torch's cells.
Proof: tests/nn/test_one_step.py (the layers themselves); speed: zoo bench predict.
"""

from typing import Any

import torch
from torch import Tensor

from zoo.nn.cells import gru_reset_before

# layer (its first layer of weights), x (N, D), state (parts, N, H) -> state; its first part is
# the output


def lstm_step(layer: Any, x: Tensor, state: Tensor) -> Tensor:
    """One step of an nn.LSTM: the parts of the state are h and c."""
    h, c = state.unbind(0)
    return torch.stack(torch.lstm_cell(x, (h, c), *_weights(layer)))


def rnn_step(layer: Any, x: Tensor, state: Tensor) -> Tensor:
    """One step of an nn.RNN with tanh."""
    return torch.rnn_tanh_cell(x, state[0], *_weights(layer))[None]


def gru_step(layer: Any, x: Tensor, state: Tensor) -> Tensor:
    """One step of a ``zoo.nn.gru.FusedGRU``, with the reset gate where it has it."""
    if layer.reset_after:
        return torch.gru_cell(x, state[0], *_weights(layer))[None]
    (h,) = gru_reset_before(x, (state[0],), layer.weights(0))
    return h[None]


def _weights(layer: Any) -> tuple[Tensor, ...]:
    return layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0
