"""The network: sizes, an independent way to the same numbers, padding, streaming, gradients."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from zoo import registry
from zoo.errors import BadInput
from zoo.models.deep_speech import DeepSpeech

LENGTHS = (23, 7, 14)


def made(seed=0, **options):
    torch.manual_seed(seed)
    small = {"num_classes": 6, "n_mels": 10, "channels": 3, "kernel_sizes": ((5, 5), (3, 3))}
    rest = {"hidden_size": 7, "num_layers": 2, "bidirectional": True, "dropout": 0.0}
    model = DeepSpeech(**{**small, **rest, **options}).double()
    with torch.no_grad():  # statistics that are not 0 and 1, scales that are not 1
        for name, tensor in model.state_dict().items():
            if "norm" in name and tensor.is_floating_point():
                tensor.uniform_(0.5, 1.5)
    return model.eval()


def batch(lengths=LENGTHS, bands=10, seed=0):
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(len(lengths), max(lengths), bands, generator=draw, dtype=torch.float64)
    return x, torch.tensor(lengths)


def test_parameters_by_hand():
    def gru(inputs, hidden):
        return 2 * 3 * hidden * (inputs + hidden + 2) + 2 * inputs  # two ways, and the norm

    convolutions = 32 * 41 * 11 + 2 * 32 + 32 * 32 * 21 * 11 + 2 * 32
    maps = 32 * 20  # 80 bands, halved twice
    small = convolutions + gru(maps, 256) + 2 * gru(256, 256) + 2 * 256 + 29 * 257
    medium = convolutions + gru(maps, 800) + 4 * gru(800, 800) + 2 * 800 + 29 * 801
    for name, expected in (("deep_speech", small), ("deep_speech_medium", medium)):
        with torch.device("meta"):
            model = registry.build(name)
        assert sum(p.numel() for p in model.parameters()) == expected


def test_a_frame_of_log_probabilities_is_made_of_two_of_features():
    model = made()
    x, lengths = batch()
    log_p, frames = model(x, lengths)
    assert log_p.shape == (3, 12, 6)
    assert frames.tolist() == [12, 4, 7] == model.frames(lengths).tolist()
    assert frames.dtype == torch.int64
    assert model.stride == 2
    assert torch.allclose(log_p.exp().sum(2), torch.ones(3, 12, dtype=torch.float64))


def test_lengths_are_whole_numbers_for_every_pair_of_lengths():
    model = made()
    lengths = torch.arange(1, 400)
    through = nn.Conv1d(1, 1, 5, stride=2, padding=2)
    for n in (1, 2, 13, 71, 399):
        assert int(model.frames(lengths)[n - 1]) == through(torch.zeros(1, 1, n)).shape[2]


def theirs(model, x):
    """One utterance alone, by torch's own layers: Conv2d, batch_norm, nn.GRU to and fro."""
    maps = x[None, None]
    for ours, padding in zip(model.convolutions, ((2, 2), (1, 1)), strict=True):
        maps = F.conv2d(maps, ours.conv.weight, stride=ours.conv.stride, padding=padding)
        n = ours.norm
        maps = F.batch_norm(maps, n.running_mean, n.running_var, n.weight, n.bias)
        maps = F.hardtanh(maps, 0, 20)
    x = maps.permute(0, 2, 1, 3).flatten(2)
    for layer in model.layers:
        n = layer.norm
        x = F.batch_norm(x.mT, n.running_mean, n.running_var, n.weight, n.bias).mT
        gru = nn.GRU(x.shape[2], 7, batch_first=True, bidirectional=True).double()
        state = {**layer.onward.state_dict()}
        state |= {f"{k}_reverse": v for k, v in layer.backward_.state_dict().items()}
        gru.load_state_dict(state)
        x = sum(gru(x)[0].split(7, 2))
    n = model.norm
    x = F.batch_norm(x.mT, n.running_mean, n.running_var, n.weight, n.bias).mT
    return F.log_softmax(model.output(x), 2)[0]


def test_it_is_torchs_layers_on_each_utterance_alone():
    model = made()
    x, lengths = batch()
    with torch.no_grad():
        log_p, frames = model(x, lengths)
        for n, length in enumerate(LENGTHS):
            expected = theirs(model, x[n, :length])
            assert torch.allclose(log_p[n, : frames[n]], expected, atol=1e-10)


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_padding_changes_nothing_whatever_stands_in_it(bidirectional, dtype):
    model = made(bidirectional=bidirectional).to(dtype)
    x, lengths = batch()
    x = x.to(dtype)
    longer = F.pad(x, (0, 0, 0, 9), value=100.0)
    longer[1, 7:], longer[2, 14:] = -5.0, 3.0
    with torch.no_grad():
        together, frames = model(longer, lengths)
        for n, length in enumerate(LENGTHS):
            alone, _ = model(x[n : n + 1, :length])
            assert torch.allclose(alone[0], together[n, : frames[n]], atol=1e-5)


def test_training_does_not_see_the_padding_either():
    model = made().train()
    x, lengths = batch()
    first, frames = model(x, lengths)
    state = {k: v.clone() for k, v in model.state_dict().items()}
    again = made().train()
    second, _ = again(F.pad(x, (0, 0, 0, 6), value=7.0), lengths)
    assert torch.allclose(first, second[:, : first.shape[1]], atol=1e-10)
    for name, tensor in again.state_dict().items():
        assert torch.allclose(tensor.double(), state[name].double(), atol=1e-10), name
    assert frames.tolist() == [12, 4, 7]


def test_pieces_of_any_size_stream_to_what_the_whole_gives():
    model = made(bidirectional=False).float()
    x = batch((61, 61))[0].float()
    draw = torch.Generator().manual_seed(3)
    with torch.no_grad():
        whole, _ = model(x)
        for largest in (1, 2, 7, 30):
            said, state, at = [], None, 0
            while at < 61:
                size = int(torch.randint(0, largest + 1, (1,), generator=draw))
                log_p, state = model.stream(x[:, at : at + size], state)
                said.append(log_p)
                at += size
            assert torch.allclose(torch.cat(said, 1), whole, atol=1e-5)


def test_nothing_that_comes_later_is_heard_by_one_that_looks_back_only():
    model = made(bidirectional=False)
    x, _ = batch((40,))
    with torch.no_grad():
        one, _ = model(x)
        x[:, 20:] += 1
        other, _ = model(x)
    assert torch.equal(one[:, :10], other[:, :10])
    assert not torch.allclose(one[:, 10], other[:, 10])


def test_every_parameter_gets_a_finite_gradient():
    model = made().train()
    x, lengths = batch()
    log_p, frames = model(x, lengths)
    real = torch.arange(log_p.shape[1]) < frames[:, None]
    log_p[real].square().sum().backward()
    for name, p in model.named_parameters():
        assert p.grad is not None, name
        assert p.grad.isfinite().all(), name
        assert p.grad.any(), name


def test_a_batch_is_learnt_by_heart():
    torch.manual_seed(0)
    model = made(dropout=0.0).float().train()
    x, lengths = batch()
    x, targets = x.float(), torch.tensor([[1, 2, 3, 4], [5, 1, 0, 0], [2, 2, 4, 0]])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        log_p, frames = model(x, lengths)
        sizes = torch.tensor([4, 2, 3])
        loss = F.ctc_loss(log_p.transpose(0, 1), targets, frames, sizes, reduction="sum")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.3


def test_a_new_head_has_as_many_outputs_as_asked_for():
    model = made().float()
    model.reset_classifier(9)
    assert model(torch.randn(1, 8, 10))[0].shape == (1, 4, 9)
    assert model.get_classifier() is model.output
    assert len(model.blocks()) == 4


@pytest.mark.filterwarnings("ignore:The tensor attributes .*_flat_weights:UserWarning")
def test_exported_it_says_the_same():
    """The warning is torch's, for any nn.GRU."""
    model = made().float()
    x, lengths = batch()
    x = x.float()
    expected, frames = model(x, lengths)
    exported = torch.export.export(model, (x, lengths)).module()
    said, counted = exported(x, lengths)
    assert torch.allclose(said, expected, atol=1e-5)
    assert torch.equal(counted, frames)


def test_compiled_it_says_the_same():
    """By the eager backend: what is tested is the graph, and that the GRU is called as it is."""
    model = made().float()
    x, lengths = batch()
    with torch.no_grad():
        expected, _ = model(x.float(), lengths)
        said, _ = torch.compile(model, backend="eager")(x.float(), lengths)
    assert torch.allclose(said, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(2, 5), r"features must be \(N, T, 10\), got \(2, 5\)"),
        (torch.zeros(2, 5, 9), r"features must be \(N, T, 10\), got \(2, 5, 9\)"),
        (torch.zeros(2, 0, 10), "at least one frame"),
    ],
)
def test_wrong_shapes_are_named(x, message):
    with pytest.raises(BadInput, match=message):
        made()(x.double())


def test_wrong_lengths_and_settings_are_named():
    x, _ = batch()
    with pytest.raises(BadInput, match="between 0 and 23, got"):
        made()(x, torch.tensor([24, 1, 1]))
    with pytest.raises(BadInput, match="must be integers"):
        made()(x, torch.tensor([1.0, 1, 1]))
    with pytest.raises(BadInput, match="cannot stream"):
        made().stream(x)
    with pytest.raises(BadInput, match="odd numbers"):
        made(kernel_sizes=((4, 5), (3, 3)))
    with pytest.raises(BadInput, match="layers must be at least 1"):
        made(num_layers=0)


def test_an_utterance_without_frames_is_padding_only():
    x, _ = batch()
    log_p, frames = made()(x, torch.tensor([23, 0, 5]))
    assert frames.tolist() == [12, 0, 3]
    assert log_p.isfinite().all()
