"""The readers of sentences against plain torch and numpy; padding changes nothing."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.models.checks import near
from zoo.models.sentiment_average import hashes, sentiment, sentiment_average
from zoo.models.sentiment_cnn import sentiment_cnn
from zoo.models.sentiment_lstm import sentiment_lstm

V = 30
SMALL = {"vocab_size": V, "word_dropout": 0.3}
MODELS = {
    "average": lambda **a: sentiment_average(embedding_dim=5, **SMALL, **a),
    "pairs": lambda **a: sentiment_average(embedding_dim=5, buckets=50, **SMALL, **a),
    "lstm": lambda **a: sentiment_lstm(embedding_dim=5, hidden_size=4, **SMALL, **a),
    "gru": lambda **a: sentiment_lstm(
        embedding_dim=5, hidden_size=4, cell="gru", bidirectional=True, **SMALL, **a
    ),
    "cnn": lambda **a: sentiment_cnn(embedding_dim=5, num_filters=4, **SMALL, **a),
}
every = pytest.mark.parametrize("name", MODELS)


def made(name, **arguments):
    torch.manual_seed(3)
    model = MODELS[name](**arguments).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
            if key.endswith(("table.weight", "pairs.weight")):
                parameter[0] = 0
    return model


def batch(count=6, longest=9):
    draw = torch.Generator().manual_seed(5)
    token_ids = torch.randint(1, V, (count, longest), generator=draw)
    lengths = torch.arange(count) % longest + 1
    return token_ids * (torch.arange(longest) < lengths[:, None]), lengths


@every
def test_padding_changes_nothing(name):
    model, (token_ids, lengths) = made(name), batch()
    with torch.no_grad():
        together = model(token_ids)
        wide = model(F.pad(token_ids, (0, 7)))
        alone = [
            model(row[None, :n])[0] for row, n in zip(token_ids, lengths.tolist(), strict=True)
        ]
    assert near(wide, together)
    assert near(torch.stack(alone), together)


@every
def test_no_words_give_what_the_biases_say(name):
    model = made(name)
    with torch.no_grad():
        nothing = model(torch.zeros(2, 0, dtype=torch.int64))
        assert torch.isfinite(nothing).all()
        assert near(model(torch.zeros(2, 3, dtype=torch.int64)), nothing)


@every
def test_every_parameter_gets_a_finite_gradient(name):
    model, (token_ids, lengths) = made(name).train(), batch()
    F.cross_entropy(model(token_ids), lengths % 2).backward()
    for key, parameter in model.named_parameters():
        assert torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().sum() > 0, key


@every
def test_one_batch_is_learned_by_heart(name):
    torch.manual_seed(0)
    model, (token_ids, lengths) = MODELS[name](num_classes=3).train(), batch(9)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(model(token_ids), lengths % 3).backward()
        optimizer.step()
    assert (model.eval()(token_ids).argmax(1) == lengths % 3).all()


@every
def test_the_head_can_be_replaced_and_the_blocks_hold_everything(name):
    model, (token_ids, _) = made(name), batch()
    for classes in (2, 7):
        model.reset_classifier(classes)
        features = model.forward_features(token_ids)
        assert model(token_ids).shape == (6, classes)
        assert torch.equal(model.forward_head(features), model(token_ids))
        found = [id(p) for block in model.blocks() for p in block.parameters()]
        assert sorted(found) == sorted(id(p) for p in model.parameters())
        head = {id(p) for p in model.get_classifier().parameters()}
        assert head == {id(p) for p in model.blocks()[-1].parameters()}
    model.reset_classifier(0)
    assert torch.equal(model(token_ids), features)


@pytest.mark.parametrize("name", ["average", "pairs", "cnn"])  # torch's fused cells cannot
def test_export_agrees_for_any_batch_and_length(name):
    model, (token_ids, _) = made(name), batch()
    sizes = {0: torch.export.Dim("batch", min=1), 1: torch.export.Dim("words", min=4)}
    program = torch.export.export(model, (token_ids,), dynamic_shapes=(sizes,))
    with torch.no_grad():
        for rows in (token_ids[:1], F.pad(token_ids, (0, 4))):
            assert near(program.module()(rows), model(rows))


def array(tensor):
    return tensor.detach().numpy()


def test_the_mean_against_numpy():
    model, (token_ids, lengths) = made("average").double(), batch()
    table, weight, bias = (array(p) for p in model.parameters())
    for row, n, logits in zip(token_ids.numpy(), lengths.tolist(), model(token_ids), strict=True):
        mean = sum(table[w] for w in row[:n]) / n
        np.testing.assert_allclose(array(logits), weight @ mean + bias, atol=1e-10)


def test_pairs_against_numpy():
    model, (token_ids, lengths) = made("pairs").double(), batch()
    table, pairs = array(model.table.weight), array(model.pairs.weight)
    for row, n, mean in zip(
        token_ids.tolist(), lengths.tolist(), model.forward_features(token_ids), strict=True
    ):
        vectors = [table[w] for w in row[:n]]
        vectors += [pairs[(a * 1_000_003 + b * 7_919) % 50 + 1] for a, b in pairwise(row[:n])]
        np.testing.assert_allclose(array(mean), np.mean(vectors, 0), atol=1e-10)


def test_the_hash_spreads_pairs_and_knows_their_order():
    left, right = torch.meshgrid(torch.arange(1, 201), torch.arange(1, 201), indexing="ij")
    rows = hashes(torch.stack([left, right], 2).view(-1, 2), 40_000)
    counts = rows.flatten().bincount(minlength=40_001)
    assert counts[0] == 0
    assert counts.max() <= 8  # thrown at random: 1 on average, 8 or so at most
    assert len(rows.unique()) > 20_000
    assert hashes(torch.tensor([[3, 4]]), 999).item() != hashes(torch.tensor([[4, 3]]), 999).item()
    assert hashes(torch.tensor([[3, 0, 0]]), 999).tolist() == [[0, 0]]


def test_the_cnn_against_plain_torch_one_sentence_at_a_time():
    """Each sentence between width - 1 zeros at both ends; no masks needed then."""
    model, (token_ids, lengths) = made("cnn").double(), batch()
    for row, n, logits in zip(token_ids, lengths.tolist(), model(token_ids), strict=True):
        words = model.table.weight[row[:n]].T[None]
        found = []
        for layer in model.filters:
            w = layer.kernel_size[0]
            z = F.conv1d(F.pad(words, (w - 1, w - 1)), layer.weight, layer.bias)
            found.append(F.max_pool1d(F.relu(z), z.shape[2])[0, :, 0])
        assert torch.allclose(model.output(torch.cat(found)), logits, atol=1e-10)


def test_the_cnn_against_numpy():
    model, (token_ids, _) = made("cnn").double(), batch()
    row = token_ids[5].tolist()[:6]
    table = array(model.table.weight)
    found = []
    for layer in model.filters:
        kernel, bias, w = array(layer.weight), array(layer.bias), layer.kernel_size[0]
        x = np.concatenate([np.zeros((w - 1, 5)), table[row], np.zeros((w - 1, 5))])
        for maps in range(4):
            c = [np.sum(kernel[maps].T * x[i : i + w]) + bias[maps] for i in range(len(x) - w + 1)]
            found.append(max(max(c), 0))
    np.testing.assert_allclose(array(model.forward_features(token_ids)[5]), found, atol=1e-10)


def test_kims_network_has_as_many_parameters_as_he_says():
    model = sentiment_cnn(vocab_size=100)
    filters = sum(300 * w * 100 + 100 for w in (3, 4, 5))
    assert sum(p.numel() for p in model.parameters()) == 100 * 300 + filters + 300 * 2 + 2
    static = sentiment_cnn(vocab_size=100, static=True)
    learning = sum(p.numel() for p in static.parameters() if p.requires_grad)
    assert learning == filters + 300 * 2 + 2


def test_max_norm_is_restored_in_training_only():
    model, (token_ids, _) = made("cnn"), batch()
    with torch.no_grad():
        model.output.weight[0].mul_(100)
        small = model.output.weight[1].clone().mul_(0.1)
        model.output.weight[1] = small
        model.eval()(token_ids)
        assert model.output.weight[0].norm() > 3.1
        model.train()(token_ids)
    assert model.output.weight[0].norm().item() == pytest.approx(3, abs=1e-4)
    assert torch.equal(model.output.weight[1], small)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_recurrent_readers_against_packed_sequences(name):
    model, (token_ids, lengths) = made(name).double(), batch()
    kind = {"lstm": nn.LSTM, "gru": nn.GRU}[name]
    peer = kind(5, 4, batch_first=True, bidirectional=name == "gru").double()
    theirs = dict(peer.named_parameters())
    with torch.no_grad():
        for way, cell in zip(("", "_reverse"), model.cells, strict=False):
            for key, parameter in cell.named_parameters():
                theirs[key + way].copy_(parameter)
    packed = nn.utils.rnn.pack_padded_sequence(
        model.table(token_ids), lengths, batch_first=True, enforce_sorted=False
    )
    _, state = peer(packed)
    state = state[0] if name == "lstm" else state
    expected = torch.cat([*state], 1)
    assert torch.allclose(model.forward_features(token_ids), expected, atol=1e-10)


def test_the_best_reading_is_the_mean_with_pairs():
    model = sentiment(vocab_size=V)
    assert model.pairs.weight.shape == (65_537, 16)
    assert model.table.weight.shape == (V, 16)


def test_a_cell_that_there_is_not():
    with pytest.raises(ValueError, match="lstm, gru, got 'rnn'"):
        sentiment_lstm(cell="rnn")


@pytest.mark.parametrize("name", MODELS)
def test_in_training_each_word_is_dropped_once(name):
    """A table whose rows are all alike but <unk>'s counts what reached the network."""
    share, ids = 0.3, torch.full((200, 20), 7)
    seen = []
    model = made(name).train()
    assert model.table.dropout == share
    with torch.no_grad():
        model.table.weight.zero_()
        model.table.weight[1] = 1.0
    look_up = model.table.look_up
    model.table.look_up = lambda ids: seen.append(look_up(ids)) or seen[-1]
    torch.manual_seed(0)
    with torch.no_grad():
        model(ids)
    [vectors] = seen  # looked up once
    assert vectors.mean().item() == pytest.approx(share, abs=0.03)
