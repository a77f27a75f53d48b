"""One time step of torch.nn's recurrent layers in evaluation: what writing token by token needs.

A whole sequence goes through nn.LSTM and its like, which prepare their kernels in each call: for
one step that takes longer than the step. Here what all steps share is prepared once, and a step has
two parts: what depends on the input alone (where inputs are tokens, a row of a table), and the
product with the state.
Proof: tests/nn/sequence/test_one_step.py (the layers themselves); speed: zoo bench predict.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

State = tuple[Tensor, ...]  # (h,), of an LSTM (h, c); each (N, H)


class OneStep(NamedTuple):
    """The two parts of a step of a layer, with the weights that it has now."""

    of_input: Callable[[Tensor], Tensor]  # x (N, D) -> W x + biases, of all gates (N, gates H)
    step: Callable[[Tensor, State], State]  # what ``of_input`` gave, state -> state


def lstm(layer: Any) -> OneStep:
    """The steps of an nn.LSTM of one layer."""
    weight, bias = layer.weight_ih_l0, layer.bias_ih_l0 + layer.bias_hh_l0
    u, size = layer.weight_hh_l0.t(), layer.hidden_size

    def step(given: Tensor, state: State) -> State:
        h, c = state
        gates = torch.addmm(given, h, u)
        i, f, g, o = gates.chunk(4, 1)
        gates[:, : 2 * size].sigmoid_()  # i and f
        c = torch.mul(f, c).addcmul_(i, g.tanh_())
        return torch.tanh(c).mul_(o.sigmoid_()), c

    return OneStep(lambda x: F.linear(x, weight, bias), step)


def rnn(layer: Any) -> OneStep:
    """The steps of an nn.RNN with tanh."""
    weight, bias = layer.weight_ih_l0, layer.bias_ih_l0 + layer.bias_hh_l0
    u = layer.weight_hh_l0.t()
    return OneStep(
        lambda x: F.linear(x, weight, bias),
        lambda given, state: (torch.addmm(given, state[0], u).tanh_(),),
    )


def gru(layer: Any) -> OneStep:
    """The steps of a ``zoo.nn.sequence.gru.FusedGRU``, with the reset gate where it has it."""
    weight, bias, size = layer.weight_ih_l0, layer.bias_ih_l0.clone(), layer.hidden_size
    inside = 2 * size if layer.reset_after else 3 * size  # then d_n stands inside r * (U h + d)
    bias[:inside] += layer.bias_hh_l0[:inside]
    u_rz, u_n = layer.weight_hh_l0.split([2 * size, size])
    u_rz, u_nt, d_n = u_rz.t(), u_n.t(), layer.bias_hh_l0[2 * size :]

    def step(given: Tensor, state: State) -> State:
        (h,) = state
        given_rz, given_n = given.split([2 * size, size], 1)
        r, z = torch.addmm(given_rz, h, u_rz).sigmoid_().chunk(2, 1)
        if layer.reset_after:
            n = torch.addcmul(given_n, r, torch.addmm(d_n, h, u_nt))
        else:
            n = torch.addmm(given_n, r * h, u_nt)
        return (torch.lerp(n.tanh_(), h, z),)

    return OneStep(lambda x: F.linear(x, weight, bias), step)
