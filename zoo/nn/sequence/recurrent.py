"""Any cell unrolled over time: stacked, bidirectional, masked; the readable form.

Papers: Schuster & Paliwal 1997 (bidirectional); Pascanu et al. 2014, arXiv:1312.6026 (stacked).
Notes: course 5, week 1, "Bidirectional RNN", "Deep RNNs".
The weights have torch.nn's names, so those of torch.nn.RNN, GRU and LSTM load as they are. Models
train on torch.nn's fused layers or on ``zoo.nn.sequence.gru``; this is what those are checked
against, and what runs the cells that torch lacks.
Masking: after the last real step a state stays as it is and the output is zero; the reverse
direction, which meets the padding first, keeps its initial state until the last real step.
Deviations: batch first only.
Proof: tests/nn/sequence/test_recurrent.py (torch.nn with packed sequences; a padded batch against
each example alone).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.sequence.cells import State, Weights, kind_of, new_parameters

DIRECTIONS = ("", "_reverse")


class Recurrent(nn.Module):
    """Layers of one kind of cell over whole sequences.

    Shapes: x (N, T, D) -> output (N, T, directions H) and the final states, each
    (layers directions, N, H): a tensor for cells with one state, (h, c) for an LSTM, as torch.nn.

    Args:
        kind: a name of ``zoo.nn.sequence.cells.KINDS``.
        dropout: of each layer's output but the last's, in training.

    >>> layers = Recurrent("lstm", 3, 5, num_layers=2, bidirectional=True)
    >>> output, (h, c) = layers(torch.ones(2, 7, 3), lengths=torch.tensor([7, 4]))
    >>> output.shape, h.shape
    (torch.Size([2, 7, 10]), torch.Size([4, 2, 5]))

    Raises:
        UnknownName: for an unknown kind.
    """

    def __init__(
        self,
        kind: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.name, self.kind = kind, kind_of(kind)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.directions, self.dropout = DIRECTIONS[: 1 + bidirectional], dropout
        for layer in range(num_layers):
            inputs = input_size if layer == 0 else hidden_size * len(self.directions)
            for direction in self.directions:
                for name, parameter in new_parameters(self.kind, inputs, hidden_size).items():
                    self.register_parameter(f"{name}_l{layer}{direction}", parameter)

    def forward(
        self, x: Tensor, state: Tensor | State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor | State]:
        """Unroll all layers over all steps.

        Args:
            state: where to begin, in the form of the second result; None: zeros.
            lengths: real steps of each example, integers (N,) from 0 to T; None: all are real.

        Raises:
            BadInput: for shapes or lengths that do not fit.
        """
        if x.dim() != 3 or x.shape[2] != self.input_size:
            raise BadInput(f"x must be (N, T, {self.input_size}), got {tuple(x.shape)}")
        real = None if lengths is None else length_mask(lengths, len(x), x.shape[1])
        if real is not None:  # whatever stands in the padding, even NaN, must not come through
            x = x.masked_fill(~real.unsqueeze(2), 0.0)
        first, last = self._first(x, state), []
        for layer in range(self.num_layers):
            outputs = []
            for row, direction in enumerate(self.directions, layer * len(self.directions)):
                begin = tuple(part[row] for part in first)
                weights = self.weights(layer, direction)
                output, end = self._unroll(x, begin, real, weights, bool(direction))
                outputs.append(output)
                last.append(end)
            x = torch.cat(outputs, dim=2)
            if layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        final = tuple(torch.stack(parts) for parts in zip(*last, strict=True))
        return x, final[0] if self.kind.states == 1 else final

    def weights(self, layer: int, direction: str = "") -> Weights:
        """The parameters of one layer and direction ("" or "_reverse")."""
        names = Weights._fields if self.kind.peepholes else Weights._fields[:4]
        return Weights(*(getattr(self, f"{name}_l{layer}{direction}") for name in names))

    def _unroll(
        self, x: Tensor, state: State, real: Tensor | None, p: Weights, backwards: bool
    ) -> tuple[Tensor, State]:
        outputs = []
        times = range(x.shape[1])
        for t in reversed(times) if backwards else times:
            new = self.kind.step(x[:, t], state, p)
            if real is None:
                state, output = new, new[0]
            else:
                on = real[:, t : t + 1]  # (N, 1)
                state = tuple(torch.where(on, a, b) for a, b in zip(new, state, strict=True))
                output = new[0] * on
            outputs.append(output)
        return torch.stack(outputs[::-1] if backwards else outputs, dim=1), state

    def _first(self, x: Tensor, state: Tensor | State | None) -> State:
        shape = (self.num_layers * len(self.directions), len(x), self.hidden_size)
        if x.shape[1] == 0:
            raise BadInput("a sequence must have at least one step, got none")
        if state is None:
            return (x.new_zeros(shape),) * self.kind.states
        parts = (state,) if isinstance(state, Tensor) else tuple(state)
        if [tuple(part.shape) for part in parts] != [shape] * self.kind.states:
            got = ", ".join(str(tuple(part.shape)) for part in parts)
            raise BadInput(f"state must be {self.kind.states} of {shape}, got {got}")
        return parts

    def extra_repr(self) -> str:
        """What ``print(model)`` shows."""
        return (
            f"{self.name!r}, {self.input_size}, {self.hidden_size}, num_layers={self.num_layers}, "
            f"bidirectional={len(self.directions) == 2}, dropout={self.dropout}"
        )


def length_mask(lengths: Tensor, batch: int, steps: int) -> Tensor:
    """Mask (N, T) of the steps that are no padding: true before ``lengths``.

    >>> length_mask(torch.tensor([1, 3]), 2, 3)
    tensor([[ True, False, False],
            [ True,  True,  True]])

    Raises:
        BadInput: unless there are N integers from 0 to T.
    """
    if lengths.is_floating_point() or tuple(lengths.shape) != (batch,):
        raise BadInput(
            f"lengths must be integers ({batch},), got {lengths.dtype} {tuple(lengths.shape)}"
        )
    known = batch and not torch.compiler.is_exporting()  # while tracing there are no values
    if known and not 0 <= int(lengths.min()) <= int(lengths.max()) <= steps:
        raise BadInput(f"lengths must lie between 0 and {steps}, got {lengths.tolist()}")
    return torch.arange(steps, device=lengths.device) < lengths.unsqueeze(1)


def reversed_steps(lengths: Tensor, steps: int) -> Tensor:
    """Indices (N, T) that reverse each sequence within its length; the padding stays in place.

    >>> reversed_steps(torch.tensor([3, 2]), 4)
    tensor([[2, 1, 0, 3],
            [1, 0, 2, 3]])
    """
    place = torch.arange(steps, device=lengths.device)[None]
    return torch.where(place < lengths[:, None], lengths[:, None] - 1 - place, place)
