"""The network: sizes, an independent way to the same numbers, padding, export."""

import pytest
import torch
from torch import nn

from zoo import registry
from zoo.models.tagger import Tagger
from zoo.ops.tags import forbidden

LENGTHS = (5, 1, 3)


def made(seed=0, **options):
    torch.manual_seed(seed)
    small = {"num_classes": 4, "vocab_size": 20, "char_vocab_size": 12, "embedding_dim": 6}
    return Tagger(**{**small, "hidden_size": 5, "char_filters": 7, **options}).double().eval()


def batch(lengths=LENGTHS, longest=6, seed=0):
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.tensor(lengths)
    most = int(lengths.max())
    inside = torch.arange(most)[None] < lengths[:, None]
    words = torch.randint(1, 20, inside.shape, generator=draw) * inside
    size = torch.randint(1, longest + 1, inside.shape, generator=draw)
    there = (torch.arange(longest) < size[:, :, None]) & inside[:, :, None]
    characters = torch.randint(1, 12, there.shape, generator=draw) * there
    shapes = torch.randint(1, 13, inside.shape, generator=draw) * inside
    return words, characters, shapes, lengths


def test_parameters_by_hand():
    model = registry.build("tagger", vocab_size=1000, char_vocab_size=50)
    words, letters, shapes = 1000 * 100, 50 * 30, 13 * 10
    conv = 30 * (3 * 30 + 1)
    lstm = 2 * 4 * (100 * (100 + 30 + 10 + 100) + 2 * 100)
    head = 13 * (200 + 1) + 13 * 13 + 13 + 13
    total = sum(p.numel() for p in model.parameters())
    assert total == words + letters + shapes + conv + lstm + head
    softmax = registry.build("tagger", vocab_size=1000, char_vocab_size=50, crf=False)
    assert total - sum(p.numel() for p in softmax.parameters()) == 13 * 15


def test_it_is_torchs_bidirectional_lstm_on_a_packed_batch():
    model, (words, characters, shapes, lengths) = made(), batch()
    theirs = nn.LSTM(6 + 7 + 10, 5, batch_first=True, bidirectional=True).double()
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    with torch.no_grad():
        for name in names:
            getattr(theirs, name).copy_(getattr(model.lstm.onward, name))
            getattr(theirs, f"{name}_reverse").copy_(getattr(model.lstm.backward_, name))
        spelt = torch.zeros(*words.shape, 7, dtype=torch.float64)
        for n, t in torch.argwhere(words > 0).tolist():  # each word by itself
            letters = characters[n, t][characters[n, t] > 0]
            x = model.spelling.vectors.weight[letters].T[None]
            conv = model.spelling.conv
            spelt[n, t] = nn.functional.conv1d(x, conv.weight, conv.bias, padding=1)[0].amax(1)
        x = torch.cat([model.vectors(words), spelt, model.shapes(shapes)], 2)
        packed = nn.utils.rnn.pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        )
        out, _ = nn.utils.rnn.pad_packed_sequence(theirs(packed)[0], batch_first=True)
        inside = (words > 0)[:, :, None]
        right = model.output(out) * inside
        assert torch.allclose(model(words, characters, shapes, lengths) * inside, right, atol=1e-10)


def test_padding_of_sentences_and_words_changes_nothing():
    model, inputs = made(), batch()
    model.crf.forbid(forbidden(("O", "B-x", "I-x", "B-y")))
    with torch.no_grad():
        together = model(*inputs)
        path = model.crf.viterbi(together, inputs[3])[1]
        for n, length in enumerate(LENGTHS):
            words, characters, shapes, _ = (part[n : n + 1, ...] for part in inputs)
            longer = nn.functional.pad(characters[:, :length], (0, 3))
            alone = model(words[:, :length], longer, shapes[:, :length], torch.tensor([length]))
            assert torch.allclose(alone[0], together[n, :length], atol=1e-10)
            tags = model.crf.viterbi(alone, torch.tensor([length]))[1]
            assert torch.equal(tags[0], path[n, :length])


@pytest.mark.parametrize("crf", [True, False])
def test_every_parameter_gets_a_finite_gradient_and_one_batch_is_learnt(crf):
    model, inputs = made(crf=crf, dropout=0.0).float().train(), batch()
    tags = torch.randint(0, 4, inputs[0].shape, generator=torch.Generator().manual_seed(1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    first = None
    for _ in range(30):
        loss = model.crf.nll(model(*inputs), tags, inputs[3]).mean()
        optimizer.zero_grad()
        loss.backward()
        for name, parameter in model.named_parameters():
            assert torch.isfinite(parameter.grad).all(), name
        optimizer.step()
        first = first or loss.item()
    assert loss.item() < 0.1 * first
    found = model.crf.viterbi(model(*inputs), inputs[3])[1]
    assert torch.equal(found, tags * (inputs[0] > 0))


def test_the_head_can_be_replaced_and_the_rest_stays():
    model, inputs = made(), batch()
    features = model.forward_features(*inputs)
    model.reset_classifier(9)
    assert model.double()(*inputs).shape == (3, 5, 9)
    assert torch.equal(model.forward_features(*inputs), features)
    assert len(model.crf.transitions) == 9
    blocks = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(blocks) == sorted(id(p) for p in model.parameters())


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_export_agrees():
    model, inputs = made(), batch()
    program = torch.export.export(model, inputs)
    assert torch.allclose(program.module()(*inputs), model(*inputs), atol=1e-10)
