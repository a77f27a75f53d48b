"""A GRU that trains faster on a CPU than torch.nn.GRU, in both reset conventions.

``FusedGRU(input_size, hidden_size, num_layers=1, *, batch_first=True, dropout=0.0,
reset_after=True)``; ``output, h_n = gru(x, h0=None)``. Its weights are torch.nn.GRU's.
Paper: Cho et al. 2014, arXiv:1406.1078; the equations stand in zoo/nn/sequence/cells.py.
Notes: course 5, week 1, "Gated Recurrent Unit" (full; theirs is ``reset_after=False``, and their
Gamma_u is 1 - z: ``zoo.nn.sequence.cells.update_gate_flipped``).

torch differentiates a GRU step by step: T small weight gradients are computed and added up. Here
one autograd.Function holds all steps. What does not depend on the step before is one product or one
pass over all T: the inputs' part of the gates, the slopes of the gates, the gradients of weights,
biases and inputs. The rest is one product a step (reset before: two) with weights that were
transposed once, and elementwise work in place. With gate slopes s (known after the forward pass)
and dh the gradient of h_t, a step of the backward pass is:

    reset after:   dn = dh s_n   dz = dh s_z   dr = dn s_r   dq = dn r   (q = U_n h + d_n)
                   dh' = dh z + [dq dr dz] [U_n U_r U_z]
    reset before:  dn = dh s_n   dz = dh s_z   dp = dn U_n   dr = dp s_r   (p = r * h)
                   dh' = dh z + dp r + [dr dz] [U_r U_z]

Deviations: as nn.GRU, of which it is a kind; batch first unless told otherwise; one direction,
always biases, no packed sequences. Gradients of gradients are refused.
Proof: tests/nn/sequence/test_gru.py (nn.GRU, zoo.nn.sequence.recurrent, gradcheck).
Speed: zoo bench gru.
"""

import sys
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.sequence.cells import Weights, gru_reset_before

FEW = 4  # with fewer steps than this, transposing the weights costs more than it saves


class FusedGRU(nn.GRU):
    """Gated recurrent units; ``load_state_dict`` takes nn.GRU's weights.

    Shapes: x (N, T, D) -> output (N, T, H) and h_n (layers, N, H); without ``batch_first``
    (T, N, ...), which is how it computes: nothing is copied then.
    Where nn.GRU is faster or must be used (a GPU with cuDNN, ``torch.export``) it is called.

    Args:
        dropout: between layers, as in nn.GRU.
        reset_after: where the reset gate acts: on U h (torch, cuDNN), or on h (the notes).

    >>> gru = FusedGRU(3, 5, num_layers=2, reset_after=False)
    >>> output, h_n = gru(torch.ones(2, 7, 3))
    >>> output.shape, h_n.shape
    (torch.Size([2, 7, 5]), torch.Size([2, 2, 5]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        batch_first: bool = True,
        dropout: float = 0.0,
        reset_after: bool = True,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, batch_first=batch_first, dropout=dropout
        )
        self.reset_after = reset_after

    def forward(self, x: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Unroll all layers over all steps.

        Args:
            h0: (layers, N, H); None starts from zeros.

        Raises:
            BadInput: for shapes that do not fit.
        """
        h0 = self._checked(x, h0)
        if self.reset_after and self._uses_torch(x):
            return nn.GRU.forward(self, x, h0)
        x = x.transpose(0, 1) if self.batch_first else x
        layers = _readable if torch.compiler.is_exporting() else _fused
        if layers is _fused and "torch._dynamo" in sys.modules:  # else nothing can be compiled yet
            layers = _uncompiled()
        output, h_n = layers(x, h0, self)
        return (output.transpose(0, 1) if self.batch_first else output), h_n

    def weights(self, layer: int) -> Weights:
        """The four parameters of a layer."""
        return Weights(*self.all_weights[layer])

    def _uses_torch(self, x: Tensor) -> bool:
        """Whether nn.GRU's own runs: with cuDNN if it can, which has no gradient in eval mode."""
        if torch.compiler.is_exporting():
            return True
        return x.is_cuda and (self.training or not torch.is_grad_enabled())

    def _checked(self, x: Tensor, h0: Tensor | None) -> Tensor:
        if x.dim() != 3 or x.shape[2] != self.input_size:
            first = "N, T" if self.batch_first else "T, N"
            raise BadInput(f"x must be ({first}, {self.input_size}), got {tuple(x.shape)}")
        batch, steps = x.shape[:2] if self.batch_first else (x.shape[1], x.shape[0])
        if steps == 0:
            raise BadInput("a sequence must have at least one step, got none")
        shape = (self.num_layers, batch, self.hidden_size)
        if h0 is None:
            return x.new_zeros(shape, dtype=self.all_weights[0][0].dtype)
        if tuple(h0.shape) != shape:
            raise BadInput(f"h0 must be {shape} (layers, N, H), got {tuple(h0.shape)}")
        return h0

    def extra_repr(self) -> str:
        """What ``print(model)`` shows."""
        return f"{super().extra_repr()}, reset_after={self.reset_after}"


@cache
def _uncompiled() -> Any:
    """``_fused`` as ``torch.compile`` calls it: the loop of T steps is not unrolled into the graph.

    Not a decorator, which would import the compiler: a second, also where nothing is compiled.
    """
    return torch.compiler.disable(_fused)


def _fused(x: Tensor, h0: Tensor, gru: FusedGRU) -> tuple[Tensor, Tensor]:
    kernel: Any = ResetAfter if gru.reset_after else ResetBefore
    last = []
    with torch.autocast(x.device.type, enabled=False):  # the steps stay in the weights' precision
        for layer in range(gru.num_layers):
            p = gru.weights(layer)
            x = kernel.apply(x.to(p.weight_ih.dtype), h0[layer].to(p.weight_ih.dtype), *p[:4])
            last.append(x[-1])
            if layer < gru.num_layers - 1:
                x = F.dropout(x, gru.dropout, gru.training)
    return x, torch.stack(last)


def _readable(x: Tensor, h0: Tensor, gru: FusedGRU) -> tuple[Tensor, Tensor]:
    """The same from plain operations, for ``torch.export``; only for the reset before."""
    last = []
    for layer in range(gru.num_layers):
        h, outputs = h0[layer], []
        for x_t in x.unbind(0):
            (h,) = gru_reset_before(x_t, (h,), gru.weights(layer))
            outputs.append(h)
        last.append(h)
        x = torch.stack(outputs)
        if layer < gru.num_layers - 1:
            x = F.dropout(x, gru.dropout, gru.training)
    return x, torch.stack(last)


def _transposed(weight: Tensor, steps: int) -> Tensor:
    """As (H, gates H): products with few rows run up to twice as fast on it."""
    return weight.t() if steps < FEW else weight.t().contiguous()


def _by_step(*parts: Tensor) -> list[tuple[Tensor, ...]]:
    """Views of the parts, step by step, made at once: thousands of indexings cost time too."""
    return list(zip(*(part.unbind(0) for part in parts), strict=True))


def _rows(x: Tensor) -> Tensor:
    """All steps and examples in one table: (T, N, D) -> (T N, D)."""
    return x.reshape(-1, x.shape[-1])


class ResetAfter(torch.autograd.Function):
    """One layer with n = tanh(W x + b + r * (U h + d)). Shapes: (T, N, D), (N, H) -> (T, N, H)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, h0: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
    ) -> Tensor:
        (steps, batch, _), size = x.shape, h0.shape[1]
        gates = torch.addmm(b_ih, _rows(x), w_ih.t()).view(steps, batch, 3 * size)  # r, z, n
        gates[:, :, : 2 * size] += b_hh[: 2 * size]
        output, q = (x.new_empty(steps, batch, size) for _ in range(2))
        across, u, d_n, h = x.new_empty(batch, 3 * size), _transposed(w_hh, steps), b_hh[-size:], h0
        across_rz, across_n = across.split([2 * size, size], dim=1)
        views = _by_step(gates[:, :, : 2 * size], *gates.chunk(3, dim=2), q, output)
        for rz, r, z, n, q_t, h_t in views:
            torch.mm(h, u, out=across)
            rz.add_(across_rz).sigmoid_()
            torch.add(across_n, d_n, out=q_t)
            n.addcmul_(r, q_t).tanh_()
            h = torch.lerp(n, h, z, out=h_t)
        ctx.save_for_backward(x, h0, w_ih, w_hh, gates, q, output)
        return output

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, h0, w_ih, w_hh, gates, q, output = _saved(ctx)
        steps, batch, size = output.shape
        r, z, n = gates.chunk(3, dim=2)
        d = x.new_empty(steps, batch, 4, size)  # slopes, then gradients, of q, r, z, n
        d[:, :, 0] = r
        torch.mul(q, r - r * r, out=d[:, :, 1])
        _slopes(d[:, :, 2], d[:, :, 3], z, n, h0, output)
        u = torch.cat([w_hh[2 * size :], w_hh[: 2 * size]])  # in the order q, r, z
        dh = x.new_zeros(batch, size)
        dqrz, wide = d.flatten(2)[:, :, : 3 * size], dh.unsqueeze(1)
        views = _by_step(dy, d[:, :, 2:], d[:, :, :2], d[:, :, 3:], z, dqrz)
        for dy_t, zn, qr, dn, z_t, back in reversed(views):
            dh += dy_t
            zn *= wide
            qr *= dn
            dh.mul_(z_t).addmm_(back, u)
        table = d.view(steps * batch, 4 * size)
        from_h = _over_time(dqrz, h0, output)
        du_n, du_rz = from_h.split([size, 2 * size])
        total = table.sum(0)
        return (
            *_inputs(ctx, table[:, size:], x, w_ih, dh),
            torch.cat([du_rz, du_n]),
            total[size:],
            torch.cat([total[size : 3 * size], total[:size]]),
        )


class ResetBefore(torch.autograd.Function):
    """One layer with n = tanh(W x + b + U (r * h) + d). Shapes: (T, N, D), (N, H) -> (T, N, H)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, h0: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
    ) -> Tensor:
        (steps, batch, _), size = x.shape, h0.shape[1]
        gates = torch.addmm(b_ih + b_hh, _rows(x), w_ih.t()).view(steps, batch, 3 * size)
        output, p = (x.new_empty(steps, batch, size) for _ in range(2))
        u_rz, u_n = (_transposed(u, steps) for u in w_hh.split([2 * size, size]))
        h = h0
        for rz, r, z, n, p_t, h_t in _by_step(
            gates[:, :, : 2 * size], *gates.chunk(3, dim=2), p, output
        ):
            rz.addmm_(h, u_rz).sigmoid_()
            torch.mul(r, h, out=p_t)
            n.addmm_(p_t, u_n).tanh_()
            h = torch.lerp(n, h, z, out=h_t)
        ctx.save_for_backward(x, h0, w_ih, w_hh, gates, p, output)
        return output

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, h0, w_ih, w_hh, gates, p, output = _saved(ctx)
        steps, batch, size = output.shape
        r, z, n = gates.chunk(3, dim=2)
        d = x.new_empty(steps, batch, 3, size)  # slopes, then gradients, of r, z, n
        torch.mul(p, 1 - r, out=d[:, :, 0])  # p = r h
        _slopes(d[:, :, 1], d[:, :, 2], z, n, h0, output)
        u_rz, u_n = w_hh.split([2 * size, size])
        dh, dp = x.new_zeros(batch, size), x.new_empty(batch, size)
        drz, wide = d.flatten(2)[:, :, : 2 * size], dh.unsqueeze(1)
        views = _by_step(dy, d[:, :, 1:], d[:, :, 2], d[:, :, 0], r, z, drz)
        for dy_t, zn, dn, dr, r_t, z_t, back in reversed(views):
            dh += dy_t
            zn *= wide
            torch.mm(dn, u_n, out=dp)
            dr *= dp
            dh.mul_(z_t).addcmul_(dp, r_t).addmm_(back, u_rz)
        table = d.view(steps * batch, 3 * size)
        du_rz = _over_time(drz, h0, output)
        du_n = table[:, 2 * size :].t() @ _rows(p)
        total = table.sum(0)
        return *_inputs(ctx, table, x, w_ih, dh), torch.cat([du_rz, du_n]), total, total


def _saved(ctx: Any) -> tuple[Tensor, ...]:
    if torch.is_grad_enabled():  # create_graph: what follows would be silently wrong
        raise BadInput("FusedGRU has no gradients of gradients; zoo.nn.sequence.recurrent has them")
    return ctx.saved_tensors


def _slopes(s_z: Tensor, s_n: Tensor, z: Tensor, n: Tensor, h0: Tensor, output: Tensor) -> None:
    """Fill in the derivatives of h_t by the inputs of the sigmoid of z and the tanh of n."""
    keep = 1 - z
    torch.sub(h0, n[0], out=s_z[0])
    torch.sub(output[:-1], n[1:], out=s_z[1:])
    s_z.mul_(z).mul_(keep)  # (h_{t-1} - n) z (1 - z)
    torch.addcmul(keep, keep * n, n, value=-1, out=s_n)  # (1 - z) (1 - n^2)


def _over_time(d: Tensor, h0: Tensor, output: Tensor) -> Tensor:
    """The gradient of U: the sum over t of d_t^T h_{t-1}."""
    total = d[0].t() @ h0
    return total.addmm_(_rows(d[1:]).t(), _rows(output[:-1])) if len(d) > 1 else total


def _inputs(
    ctx: Any, table: Tensor, x: Tensor, w_ih: Tensor, dh0: Tensor
) -> tuple[Tensor | None, Tensor, Tensor]:
    """Gradients of x (if it needs one), h0 and W."""
    dx = (table @ w_ih).view(x.shape) if ctx.needs_input_grad[0] else None
    return dx, dh0, table.t() @ _rows(x)
