"""The cells against torch.nn's, against the papers' equations in numpy, and against each other."""

import numpy as np
import pytest
import torch
from torch import nn

from zoo.errors import BadInput, UnknownName
from zoo.nn.sequence.cells import KINDS, Cell, Weights, lstm_peephole, update_gate_flipped

N, D, H = 3, 4, 5


def inputs(states):
    torch.manual_seed(1)
    x = torch.randn(N, D, dtype=torch.double)
    return x, tuple(torch.randn(N, H, dtype=torch.double) for _ in range(states))


def cell(kind):
    torch.manual_seed(0)
    return Cell(kind, D, H).double()


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def parts(kind):
    """x, h, c (or None) and for each gate W, U, b, d in numpy."""
    x, state = inputs(KINDS[kind].states)
    of, gates = cell(kind), []
    for g in range(KINDS[kind].gates):
        rows = slice(g * H, g * H + H)
        gates.append([p.detach().numpy()[rows] for p in list(of.parameters())[:4]])
    h, c = state[0].numpy(), state[-1].numpy()
    ours = [part.detach().numpy() for part in of(x, state)]
    return x.numpy(), h, c, gates, ours, of


def pre(gate, x, h):
    w, u, b, d = gate
    return x @ w.T + b + h @ u.T + d


@pytest.mark.parametrize(
    ("kind", "peer"),
    [
        ("rnn_tanh", nn.RNNCell(D, H)),
        ("rnn_relu", nn.RNNCell(D, H, nonlinearity="relu")),
        ("gru", nn.GRUCell(D, H)),
        ("lstm", nn.LSTMCell(D, H)),
    ],
    ids=["rnn_tanh", "rnn_relu", "gru", "lstm"],
)
def test_torchs_cells_with_torchs_weights(kind, peer):
    ours = cell(kind)
    ours.load_state_dict(peer.double().state_dict())
    x, state = inputs(KINDS[kind].states)
    theirs = peer(x, state if kind == "lstm" else state[0])
    for a, b in zip(ours(x, state), theirs if kind == "lstm" else (theirs,), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def test_the_notes_simplified_gru():
    x, h, _, (update, candidate), ours, _ = parts("gru_simple")
    gamma_u = 1 - sigmoid(pre(update, x, h))
    tilde = np.tanh(pre(candidate, x, h))
    np.testing.assert_allclose(ours[0], gamma_u * tilde + (1 - gamma_u) * h, rtol=0, atol=1e-12)


def test_the_notes_full_gru():
    x, h, _, (reset, update, candidate), ours, _ = parts("gru_reset_before")
    gamma_r, gamma_u = sigmoid(pre(reset, x, h)), 1 - sigmoid(pre(update, x, h))
    tilde = np.tanh(pre(candidate, x, gamma_r * h))
    np.testing.assert_allclose(ours[0], gamma_u * tilde + (1 - gamma_u) * h, rtol=0, atol=1e-12)


def test_peepholes_see_the_old_memory_but_for_the_output_gate():
    x, h, c, (gi, gf, gg, go), ours, of = parts("lstm_peephole")
    wi, wf, wo = of.weight_ch.detach().numpy()
    i, f = sigmoid(pre(gi, x, h) + wi * c), sigmoid(pre(gf, x, h) + wf * c)
    new = f * c + i * np.tanh(pre(gg, x, h))
    o = sigmoid(pre(go, x, h) + wo * new)
    np.testing.assert_allclose(ours[0], o * np.tanh(new), rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours[1], new, rtol=0, atol=1e-12)


def test_peepholes_of_zero_are_a_plain_lstm():
    with_holes, plain = cell("lstm_peephole"), cell("lstm")
    x, state = inputs(2)
    with torch.no_grad():
        with_holes.weight_ch.zero_()
    plain.load_state_dict({k: v for k, v in with_holes.state_dict().items() if k != "weight_ch"})
    for a, b in zip(with_holes(x, state), plain(x, state), strict=True):
        assert torch.equal(a, b)


def test_the_two_resets_differ_and_agree_where_the_gate_is_open():
    after, before = cell("gru"), cell("gru_reset_before")
    before.load_state_dict(after.state_dict())
    x, state = inputs(1)
    assert (after(x, state)[0] - before(x, state)[0]).abs().max() > 1e-3
    with torch.no_grad():
        for one in (after, before):
            one.bias_ih[:H] = 1000.0  # r = 1
    torch.testing.assert_close(after(x, state)[0], before(x, state)[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["gru", "gru_reset_before"])
def test_the_update_gate_flipped(kind):
    """Weights trained for h' = u n + (1 - u) h serve here, and back again."""
    of = cell(kind)
    x, (h,) = inputs(1)
    before = {k: v.clone() for k, v in of.state_dict().items()}
    ours = of(x, (h,))[0]
    az = pre([p.detach().numpy()[H : 2 * H] for p in of.parameters()], x.numpy(), h.numpy())
    z = torch.from_numpy(sigmoid(az))
    n = (ours - z * h) / (1 - z)
    of.load_state_dict(update_gate_flipped(before))
    torch.testing.assert_close(of(x, (h,))[0], z * n + (1 - z) * h, rtol=0, atol=1e-10)
    again = update_gate_flipped(of.state_dict())
    assert all(torch.equal(again[k], before[k]) for k in before)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_every_cell(kind):
    of = cell(kind)
    x, state = inputs(KINDS[kind].states)
    leaves = [t.requires_grad_() for t in (x, *state)]
    assert torch.autograd.gradcheck(lambda x, *s: of(x, s), leaves)
    sum(part.sum() for part in of(x, state)).backward()
    assert all(p.grad.abs().sum() > 0 for p in of.parameters())


def test_without_a_state_it_begins_at_zero():
    x, _ = inputs(1)
    for kind in KINDS:
        of = cell(kind)
        zeros = (torch.zeros(N, H, dtype=torch.double),) * KINDS[kind].states
        assert torch.equal(of(x)[0], of(x, zeros)[0])


def test_wrong_use():
    with pytest.raises(UnknownName, match="no recurrent cell 'lstn'; did you mean lstm"):
        Cell("lstn", D, H)
    plain = cell("lstm")
    x, state = inputs(2)
    with pytest.raises(BadInput, match="weight_ch"):
        lstm_peephole(x, state, Weights(**dict(plain.named_parameters())))
    assert repr(plain) == "Cell('lstm', 5)"
