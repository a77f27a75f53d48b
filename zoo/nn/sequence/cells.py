"""Recurrent cells: the equations of one time step, letter by letter.

Papers: Elman 1990 (simple RNN); Cho et al. 2014, arXiv:1406.1078, eq. 5-8 (GRU);
Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000 (LSTM); peepholes as in
Gers, Schraudolph & Schmidhuber 2002 and Graves 2013, arXiv:1308.0850, eq. 7-11.
Notes: course 5, week 1, "Recurrent Neural Network Model", "Gated Recurrent Unit", "LSTM".
Letters: x_t (N, D) is the input, h (N, H) the activation (the notes' a), c (N, H) the memory.
Weights are stacked gate over gate as torch.nn stacks them: W = ``weight_ih`` (gates H, D),
U = ``weight_hh`` (gates H, H), b and d the two biases. The notes' W [h, x] + b is U h + W x + b.

Two GRUs. They differ in where the reset (relevance) gate r acts, and that cannot be converted:

    reset_after=True   n = tanh(W x + b + r * (U h + d))   torch, cuDNN; Cho, arXiv v1
    reset_after=False  n = tanh(W x + b + U (r * h) + d)   the notes; Cho v3; char-rnn

U (r * h) mixes what r has weighted, r * (U h) weights what is mixed: they are equal where r is one
number for all units, and not otherwise.
What can be converted is the update gate: here, as in torch, h' = (1 - z) n + z h, in the notes
c' = Gu c~ + (1 - Gu) c, so Gu = 1 - z. As sigmoid(-a) = 1 - sigmoid(a), ``update_gate_flipped``
turns weights of either kind into the other.
Deviations: two biases per gate where the papers have one (their sum counts), as in torch.nn.
Proof: tests/nn/sequence/test_cells.py (torch.nn's cells; the equations in numpy).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.errors import BadInput, unknown

State = tuple[Tensor, ...]  # (h,) or (h, c), each (N, H); the first is the output


class Weights(NamedTuple):
    """The parameters of one cell."""

    weight_ih: Tensor  # W: (gates H, D)
    weight_hh: Tensor  # U: (gates H, H)
    bias_ih: Tensor  # b: (gates H,)
    bias_hh: Tensor  # d: (gates H,)
    weight_ch: Tensor | None = None  # peepholes: the diagonals w_i, w_f, w_o: (3, H)


def rnn_tanh(x: Tensor, state: State, p: Weights) -> State:
    """The notes' a<t>: h' = tanh(W x + b + U h + d)."""
    return (torch.tanh(_pre(x, state[0], p)),)


def rnn_relu(x: Tensor, state: State, p: Weights) -> State:
    """The same with relu: h' = relu(W x + b + U h + d)."""
    return (torch.relu(_pre(x, state[0], p)),)


def gru_simple(x: Tensor, state: State, p: Weights) -> State:
    """The notes' simplified GRU, without a relevance gate. Gates: z, n.

    c~ = tanh(Wc [c, x] + bc), Gu = 1 - z = sigma(-(...)), c' = Gu c~ + (1 - Gu) c.
    """
    (h,) = state
    az, an = _pre(x, h, p).chunk(2, dim=1)
    return (_mix(torch.sigmoid(az), torch.tanh(an), h),)


def gru_reset_after(x: Tensor, state: State, p: Weights) -> State:
    """The GRU of torch and cuDNN: the reset gate acts on U h + d. Gates: r, z, n."""
    (h,) = state
    xr, xz, xn = F.linear(x, p.weight_ih, p.bias_ih).chunk(3, dim=1)
    hr, hz, hn = F.linear(h, p.weight_hh, p.bias_hh).chunk(3, dim=1)
    r = torch.sigmoid(xr + hr)
    z = torch.sigmoid(xz + hz)
    n = torch.tanh(xn + r * hn)
    return (_mix(z, n, h),)


def gru_reset_before(x: Tensor, state: State, p: Weights) -> State:
    """The notes' full GRU: the relevance gate acts on h, before U. Gates: r, z, n.

    c~ = tanh(Wc [Gr c, x] + bc), Gr = r, Gu = 1 - z.
    """
    (h,) = state
    xr, xz, xn = F.linear(x, p.weight_ih, p.bias_ih).chunk(3, dim=1)
    ur, uz, un = p.weight_hh.chunk(3)
    dr, dz, dn = p.bias_hh.chunk(3)
    r = torch.sigmoid(xr + F.linear(h, ur, dr))
    z = torch.sigmoid(xz + F.linear(h, uz, dz))
    n = torch.tanh(xn + F.linear(r * h, un, dn))
    return (_mix(z, n, h),)


def lstm(x: Tensor, state: State, p: Weights) -> State:
    """LSTM; the notes' Gu is i, their c~ is g. Gates: i, f, g, o."""
    h, c = state
    ai, af, ag, ao = _pre(x, h, p).chunk(4, dim=1)
    c = torch.sigmoid(af) * c + torch.sigmoid(ai) * torch.tanh(ag)
    return torch.sigmoid(ao) * torch.tanh(c), c


def lstm_peephole(x: Tensor, state: State, p: Weights) -> State:
    """LSTM whose gates see the memory: i and f that of t - 1, o already that of t."""
    h, c = state
    if p.weight_ch is None:
        raise BadInput("lstm_peephole needs weight_ch (3, H)")
    wi, wf, wo = p.weight_ch
    ai, af, ag, ao = _pre(x, h, p).chunk(4, dim=1)
    i, f = torch.sigmoid(ai + wi * c), torch.sigmoid(af + wf * c)
    c = f * c + i * torch.tanh(ag)
    return torch.sigmoid(ao + wo * c) * torch.tanh(c), c


def _pre(x: Tensor, h: Tensor, p: Weights) -> Tensor:
    """W x + b + U h + d, all gates at once: (N, gates H)."""
    return F.linear(x, p.weight_ih, p.bias_ih) + F.linear(h, p.weight_hh, p.bias_hh)


def _mix(z: Tensor, n: Tensor, h: Tensor) -> Tensor:
    return (1 - z) * n + z * h


@dataclass(frozen=True)
class Kind:
    """What the unrolling must know of a cell."""

    step: Callable[[Tensor, State, Weights], State]
    gates: int  # blocks of H rows in the weights
    states: int = 1  # h, or h and c
    peepholes: int = 0


KINDS = {
    "rnn_tanh": Kind(rnn_tanh, 1),
    "rnn_relu": Kind(rnn_relu, 1),
    "gru_simple": Kind(gru_simple, 2),
    "gru": Kind(gru_reset_after, 3),
    "gru_reset_before": Kind(gru_reset_before, 3),
    "lstm": Kind(lstm, 4, states=2),
    "lstm_peephole": Kind(lstm_peephole, 4, states=2, peepholes=3),
}


def kind_of(name: str) -> Kind:
    """The cell of this name.

    Raises:
        UnknownName: for any that is not in ``KINDS``.
    """
    if name not in KINDS:
        raise unknown("recurrent cell", name, KINDS)
    return KINDS[name]


def new_parameters(kind: Kind, inputs: int, hidden: int) -> dict[str, nn.Parameter]:
    """Fresh parameters by name, uniform in +-1 / sqrt(H) as torch.nn draws them; peepholes too."""
    rows = kind.gates * hidden
    shapes = {"weight_ih": (rows, inputs), "weight_hh": (rows, hidden), "bias_ih": (rows,),
              "bias_hh": (rows,)}  # fmt: skip
    if kind.peepholes:
        shapes["weight_ch"] = (kind.peepholes, hidden)
    bound = 1 / math.sqrt(hidden)
    return {k: nn.Parameter(torch.empty(s).uniform_(-bound, bound)) for k, s in shapes.items()}


class Cell(nn.Module):
    """One time step with its own parameters, named as in torch.nn's cells, whose weights load.

    Shapes: x (N, D) and a state of one (``lstm``: two) tensors (N, H) -> the next state.

    Args:
        kind: a name of ``KINDS``.

    >>> cell = Cell("gru", 3, 5)
    >>> (h,) = cell(torch.ones(2, 3))
    >>> h.shape
    torch.Size([2, 5])
    """

    def __init__(self, kind: str, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.name, self.kind, self.hidden_size = kind, kind_of(kind), hidden_size
        for name, parameter in new_parameters(self.kind, input_size, hidden_size).items():
            self.register_parameter(name, parameter)

    def forward(self, x: Tensor, state: State | None = None) -> State:
        if state is None:
            state = (x.new_zeros(len(x), self.hidden_size),) * self.kind.states
        return self.kind.step(x, state, Weights(**dict(self.named_parameters())))

    def extra_repr(self) -> str:
        """What ``print(model)`` shows."""
        return f"{self.name!r}, {self.hidden_size}"


def update_gate_flipped(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """GRU weights for h' = (1 - z) n + z h from those for h' = u n + (1 - u) h, or back.

    Args:
        weights: of full GRUs (gates r, z, n; any layers and directions), by torch.nn's names.
    """
    flipped = {}
    for name, tensor in weights.items():
        r, z, n = tensor.chunk(3)
        flipped[name] = torch.cat([r, -z, n])
    return flipped
