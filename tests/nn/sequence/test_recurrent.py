"""Unrolled cells against torch.nn with packed sequences; padding; direction; states."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from zoo.errors import BadInput, UnknownName
from zoo.nn.sequence.cells import KINDS
from zoo.nn.sequence.recurrent import Recurrent

N, T, D, H = 3, 5, 4, 3
LENGTHS = torch.tensor([2, 5, 3])
PEERS = {
    "rnn_tanh": lambda **options: nn.RNN(D, H, **options),
    "rnn_relu": lambda **options: nn.RNN(D, H, nonlinearity="relu", **options),
    "gru": lambda **options: nn.GRU(D, H, **options),
    "lstm": lambda **options: nn.LSTM(D, H, **options),
}


def layers(kind, layers=2, bidirectional=True, **options):
    torch.manual_seed(0)
    return Recurrent(kind, D, H, layers, bidirectional=bidirectional, **options).double()


def given(kind, of):
    """x and initial states, that take gradients."""
    torch.manual_seed(1)
    rows = of.num_layers * len(of.directions)
    state = tuple(torch.randn(rows, N, H).double() for _ in range(KINDS[kind].states))
    x = torch.randn(N, T, D).double().requires_grad_()
    state = tuple(part.requires_grad_() for part in state)
    return x, state if len(state) > 1 else state[0]


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def everything(output, state, x, first, parameters):
    """Outputs, states and the gradients of a weighting of them that no symmetry forgives."""
    loss = sum(
        (part * torch.arange(part.numel()).view_as(part).double().sin()).sum()
        for part in (output, *parts(state))
    )
    leaves = [x, *parts(first), *parameters]
    return [output, *parts(state), *torch.autograd.grad(loss, leaves)]


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["full", "lengths"])
@pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "both ways"])
@pytest.mark.parametrize("kind", PEERS)
def test_torch_with_the_same_weights(kind, bidirectional, lengths):
    peer = PEERS[kind](num_layers=2, batch_first=True, bidirectional=bidirectional).double()
    ours = layers(kind, bidirectional=bidirectional)
    ours.load_state_dict(peer.state_dict())
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in peer.named_parameters()]
    x, first = given(kind, ours)
    if lengths is None:
        output, state = peer(x, first)
    else:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, state = peer(packed, first)
        output, _ = pad_packed_sequence(output, batch_first=True, total_length=T)
    theirs = everything(output, state, x, first, peer.parameters())
    mine = everything(*ours(x, first, lengths), x, first, ours.parameters())
    for a, b in zip(mine, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing_whatever_stands_in_it(kind):
    of = layers(kind)
    x, _ = given(kind, of)
    x = x.detach()
    for n, length in enumerate(LENGTHS):
        x[n, length:] = torch.nan
    output, state = of(x, lengths=LENGTHS)
    loss = output.square().sum() + sum(part.sum() for part in parts(state))
    loss.backward()
    assert all(torch.isfinite(p.grad).all() for p in of.parameters())
    for n, length in enumerate(LENGTHS):
        alone, end = of(x[n : n + 1, :length])
        torch.testing.assert_close(output[n : n + 1, :length], alone, rtol=0, atol=1e-12)
        assert (output[n, length:] == 0).all()
        for a, b in zip(parts(state), parts(end), strict=True):
            torch.testing.assert_close(a[:, n : n + 1], b, rtol=0, atol=1e-12)


def test_the_final_states_are_the_last_real_steps():
    of = layers("gru", 1)
    x, _ = given("gru", of)
    output, state = of(x, lengths=LENGTHS)
    for n, length in enumerate(LENGTHS):
        assert torch.equal(state[0, n], output[n, length - 1, :H])
        assert torch.equal(state[1, n], output[n, 0, H:])  # the reverse one ends at the first


def test_no_real_step_leaves_the_state_alone():
    of = layers("lstm")
    x, first = given("lstm", of)
    output, state = of(x, first, torch.tensor([0, 5, 1]))
    assert (output[0] == 0).all()
    assert all(torch.equal(a[:, 0], b[:, 0]) for a, b in zip(state, first, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_carries_over(kind):
    of = layers(kind, bidirectional=False)
    x, first = given(kind, of)
    whole, end = of(x, first)
    start, middle = of(x[:, :2], first)
    rest, last = of(x[:, 2:], middle)
    torch.testing.assert_close(torch.cat([start, rest], 1), whole, rtol=0, atol=1e-12)
    for a, b in zip(parts(last), parts(end), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def test_dropout_acts_between_layers_in_training_only():
    dropped, plain = layers("gru", dropout=0.5), layers("gru")
    x, first = given("gru", plain)
    assert not torch.equal(dropped(x, first)[0], plain(x, first)[0])
    assert torch.equal(dropped(x, first)[1][:2], plain(x, first)[1][:2])  # the first layer
    assert torch.equal(dropped.eval()(x, first)[0], plain(x, first)[0])
    one = layers("gru", 1, dropout=0.5)
    assert torch.equal(one(x)[0], one(x)[0])  # nothing after the last


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (torch.zeros(N, D), {}, r"x must be (N, T, 4), got (3, 4)"),
        (torch.zeros(N, T, 9), {}, r"x must be (N, T, 4), got (3, 5, 9)"),
        (torch.zeros(N, 0, D), {}, "at least one step"),
        (torch.zeros(N, T, D), {"lengths": torch.tensor([1, 2])}, r"integers (3,), got"),
        (torch.zeros(N, T, D), {"lengths": torch.tensor([1.0, 2, 3])}, "torch.float32"),
        (torch.zeros(N, T, D), {"lengths": torch.tensor([1, 6, 3])}, "between 0 and 5, got [1, 6"),
        (torch.zeros(N, T, D), {"lengths": torch.tensor([1, -1, 3])}, "between 0 and 5"),
        (torch.zeros(N, T, D), {"state": torch.zeros(4, N, H)}, "state must be 2 of (4, 3, 3)"),
    ],
)
def test_wrong_shapes(x, options, message):
    import re

    with pytest.raises(BadInput, match=re.escape(message)):
        layers("lstm")(x.double(), **options)


def test_an_unknown_kind_and_what_print_shows():
    with pytest.raises(UnknownName, match="no recurrent cell"):
        Recurrent("gro", 1, 1)
    assert repr(layers("gru")).startswith("Recurrent('gru', 4, 3, num_layers=2, bidirectional=True")
