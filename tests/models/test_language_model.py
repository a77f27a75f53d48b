"""Counts, shapes, state; parity with plain torch and with the gates written out; the softmaxes."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from zoo import registry
from zoo.errors import BadInput
from zoo.models.language_model import draw_uniform

NAMES = ("rnn", "lstm", "gru")
SMALL = {"vocab_size": 9, "embedding_dim": 4, "hidden_size": 6, "num_layers": 2}


def built(name, **arguments):
    """Double precision, asymmetric weights."""
    torch.manual_seed(0)
    model = registry.build(name, **{**SMALL, **arguments}).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model


def some(count=3, steps=5, words=9):
    return torch.randint(0, words, (count, steps), generator=torch.Generator().manual_seed(1))


def peer_logits(model, kind, tokens):
    """The same weights in one stacked layer of torch.nn."""
    sizes = (model.embedding.embedding_dim, model.hidden_size, len(model.layers))
    peer = kind(*sizes, batch_first=True).double()
    for number, layer in enumerate(model.layers):
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(peer, f"{part}_l{number}").data = getattr(layer, f"{part}_l0").data
    outputs, state = peer(F.embedding(tokens, model.embedding.weight))
    return F.linear(outputs, model.output.weight, model.output.bias), state


@pytest.mark.parametrize(("name", "kind"), [*zip(NAMES, (nn.RNN, nn.LSTM, nn.GRU), strict=True)])
def test_equal_to_torchs_stacked_layers(name, kind):
    model, tokens = built(name), some()
    with torch.no_grad():
        logits, state = model(tokens)
        expected, last = peer_logits(model, kind, tokens)
    assert torch.allclose(logits, expected, atol=1e-10, rtol=0)
    parts = torch.stack(last, 1) if name == "lstm" else last[:, None]
    assert torch.allclose(state, parts, atol=1e-10, rtol=0)


def test_an_lstm_is_its_equations():
    """Notes, course 5, week 1: the gates written out, one step after the other."""
    model, tokens = built("lstm", num_layers=1), some()
    layer = model.layers[0]
    a = c = torch.zeros(3, 6).double()
    with torch.no_grad():
        for t in range(5):
            x = model.embedding.weight[tokens[:, t]]
            gates = x @ layer.weight_ih_l0.T + layer.bias_ih_l0
            gates = gates + a @ layer.weight_hh_l0.T + layer.bias_hh_l0
            update, forget, new, output = gates.chunk(4, 1)
            c = update.sigmoid() * new.tanh() + forget.sigmoid() * c
            a = output.sigmoid() * c.tanh()
        logits, state = model(tokens)
    expected = a @ model.output.weight.T + model.output.bias
    assert torch.allclose(logits[:, -1], expected, atol=1e-10, rtol=0)
    assert torch.allclose(state[0], torch.stack([a, c]), atol=1e-10, rtol=0)


def test_a_gru_that_resets_before_is_chos():
    model, tokens = built("gru", num_layers=1, reset_after=False), some()
    layer = model.layers[0]
    h = torch.zeros(3, 6).double()
    with torch.no_grad():
        for t in range(5):
            x = model.embedding.weight[tokens[:, t]] @ layer.weight_ih_l0.T + layer.bias_ih_l0
            w_r, w_z, w_n = layer.weight_hh_l0.chunk(3)
            b_r, b_z, b_n = layer.bias_hh_l0.chunk(3)
            x_r, x_z, x_n = x.chunk(3, 1)
            r, z = (x_r + h @ w_r.T + b_r).sigmoid(), (x_z + h @ w_z.T + b_z).sigmoid()
            h = (1 - z) * (x_n + (r * h) @ w_n.T + b_n).tanh() + z * h
        _, state = model(tokens)
    assert torch.allclose(state[0, 0], h, atol=1e-10, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_a_text_in_two_calls_is_the_text_in_one(name):
    model, tokens = built(name), some(steps=7)
    with torch.no_grad():
        whole, last = model(tokens)
        first, state = model(tokens[:, :3])
        rest, end = model(tokens[:, 3:], state)
        alone, _ = model(tokens[1:2])
    assert torch.allclose(torch.cat([first, rest], 1), whole, atol=1e-12)
    assert torch.allclose(end, last, atol=1e-12)
    assert torch.allclose(alone[0], whole[1], atol=1e-12)


@pytest.mark.parametrize("arguments", [{}, {"tie_weights": True, "embedding_dim": 6}])
def test_nats_and_steps_are_those_of_the_logits(arguments):
    model, tokens = built("lstm", **arguments), some()
    wanted = some(words=8)
    with torch.no_grad():
        logits, state = model(tokens)
        losses, after = model(tokens, None, wanted)
        log_p, _ = model.step(tokens)
    expected = F.cross_entropy(logits.transpose(1, 2), wanted, reduction="none")
    assert torch.allclose(losses, expected, atol=1e-12)
    assert torch.equal(state, after)
    assert torch.allclose(log_p, logits[:, -1].log_softmax(-1))


def test_an_adaptive_softmax_is_a_distribution_and_gives_its_nats():
    model, tokens = built("lstm", hidden_size=16, cutoffs=(2, 5)), some()
    wanted = some(words=9).flip(1)
    with torch.no_grad():
        log_p, _ = model(tokens)
        losses, _ = model(tokens, None, wanted)
    assert torch.allclose(log_p.exp().sum(-1), torch.ones(3, 5).double())
    assert torch.allclose(-log_p.gather(2, wanted[..., None])[..., 0], losses, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("locked", [False, True])
def test_every_parameter_gets_a_finite_gradient(name, locked):
    model = built(name, dropout=0.3, locked_dropout=locked).train()
    losses, _ = model(some(), None, some(words=8))
    losses.sum().backward()
    for key, parameter in model.named_parameters():
        assert torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().sum() > 0, key


def test_one_batch_is_learned_by_heart():
    torch.manual_seed(0)
    model = registry.build("gru", vocab_size=9, embedding_dim=8, hidden_size=24)
    tokens = some(4, 9)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(90):
        optimizer.zero_grad()
        losses, _ = model(tokens[:, :-1], None, tokens[:, 1:])
        losses.mean().backward()
        optimizer.step()
    assert losses[:, 2:].mean() < 0.05


def test_zarembas_counts():
    """2 x 200 and 2 x 650 units, 10,000 words: 4.65 and 19.8 million parameters."""

    def count(hidden, **arguments):
        sizes = {
            "vocab_size": 10_000,
            "embedding_dim": hidden,
            "hidden_size": hidden,
            "num_layers": 2,
        }
        with torch.device("meta"):
            model = registry.build("lstm", **sizes, **arguments)
        return sum(p.numel() for p in model.parameters())

    cells = 2 * (4 * 200 * 400 + 8 * 200)  # torch has two biases for each gate
    assert count(200) == 2 * 10_000 * 200 + 10_000 + cells == 4_653_200
    assert count(650) - count(650, tie_weights=True) == 10_000 * 650


def test_forget_gates_start_open_and_only_they():
    layer = registry.build("lstm", **SMALL).layers[1]
    bias = (layer.bias_ih_l0 + layer.bias_hh_l0).view(4, 6)
    assert bias.tolist() == [[0.0] * 6, [1.0] * 6, [0.0] * 6, [0.0] * 6]


def test_zarembas_weights_are_uniform_and_biases_too():
    model = registry.build("lstm", vocab_size=200, embedding_dim=20, hidden_size=20)
    draw_uniform(model, 0.05)
    for parameter in model.parameters():
        assert parameter.abs().max() <= 0.05
        assert parameter.std().item() == pytest.approx(0.05 / 3**0.5, rel=0.25)


@pytest.mark.parametrize("locked", [True, False])
def test_locked_dropout_drops_the_same_at_every_step_and_the_plain_one_does_not(locked):
    torch.manual_seed(0)
    model = registry.build(
        "lstm", vocab_size=9, embedding_dim=30, hidden_size=30, dropout=0.5, locked_dropout=locked
    )
    dropped = model._drop(torch.ones(50, 4, 30))  # (T, N, D)
    assert bool((dropped == dropped[:1]).all()) is locked
    assert not (dropped[0, 0] == dropped[0, 1]).all()
    assert set(dropped.unique().tolist()) == {0.0, 2.0}


def test_dropout_leaves_the_recurrence_alone():
    """Zaremba, sec. 3.1: with all inputs dropped, the state still moves by its own weights."""
    model = built("lstm", num_layers=1, dropout=0.999999).train()
    start = torch.randn(1, 2, 3, 6).double()
    _, state = model(some(steps=1), start)
    torch.nn.init.zeros_(model.embedding.weight)
    _, expected = model.eval()(some(steps=1), start)
    assert torch.allclose(state, expected)


@pytest.mark.filterwarnings("ignore:The tensor attributes .*_flat_weights")  # torch's own LSTM
def test_export_and_compile_agree():
    model, tokens = built("lstm").float(), some()
    with torch.no_grad():
        expected, state = model(tokens)
        program = torch.export.export(model, (tokens, state))
        logits, _ = program.module()(tokens, model.start(3))
        compiled, _ = torch.compile(model, backend="eager")(tokens)
    assert torch.allclose(logits, expected, atol=1e-5)
    assert torch.allclose(compiled, expected, atol=1e-5)


def test_every_parameter_is_in_one_block():
    model = registry.build("lstm", **{**SMALL, "embedding_dim": 6, "tie_weights": True})
    found = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(found) == sorted(id(p) for p in model.parameters())


@pytest.mark.parametrize(
    "arguments",
    [
        {"tie_weights": True},
        {"dropout": 1.0},
        {"num_layers": 0},
        {"cutoffs": (2, 5)},  # 6 units are too few for two clusters
        {"cutoffs": (5, 2), "hidden_size": 16},
        {"tie_weights": True, "embedding_dim": 6, "cutoffs": (2,)},
    ],
)
def test_what_cannot_be_is_one_line(arguments):
    with pytest.raises(BadInput, match="lstm"):
        registry.build("lstm", **{**SMALL, **arguments})


STEPS = [("rnn", {}), ("lstm", {}), ("gru", {}), ("gru", {"reset_after": False}),

         ("lstm", {"cutoffs": (3, 5), "hidden_size": 16})]  # fmt: skip


@pytest.mark.parametrize(("name", "more"), STEPS)
def test_a_stepper_goes_on_as_the_whole_layers_do(name, more):
    model, tokens = built(name, **more), some()
    with torch.no_grad():
        expected, last = model(tokens)
        _, begun = model(tokens[:, :2])
        for count in (1, 1000):  # without a table of the tokens, and with it
            step, states = model.stepper(begun, count)
            for t in range(2, tokens.shape[1]):
                log_p, states = step(tokens[:, t : t + 1], states)
                wanted = expected[:, t].log_softmax(-1)
                assert torch.allclose(log_p, wanted, atol=1e-10, rtol=0)
            together = torch.stack([torch.stack(parts) for parts in states])
            assert torch.allclose(together, last, atol=1e-10, rtol=0)
