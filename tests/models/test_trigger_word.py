"""The streaming network: sizes, chunks of any size, padding, what it can have heard."""

import numpy as np
import pytest
import torch

from zoo import registry
from zoo.data.audio.log_mel import LogMel
from zoo.models.trigger_word import NO_WORD, TriggerWord


def built(seed=0, **options):
    """Asymmetric weights and averages."""
    torch.manual_seed(seed)
    model = TriggerWord(**options).eval()
    with torch.no_grad():
        for name, value in [*model.named_parameters(), *model.named_buffers()]:
            if "tracked" not in name:
                value += 0.1 * (
                    torch.rand_like(value) if "var" in name else torch.randn_like(value)
                )
    return model


def chunked(model, features, sizes):
    """Logits of a stream cut into chunks of ``sizes`` frames."""
    state, found = None, []
    for chunk in features.split(sizes, 1):
        logits, state = model.stream(chunk, state)
        found.append(logits)
    return torch.cat(found, 1)


def test_parameters_by_hand():
    model = registry.build("trigger_word")
    convolutions = 40 * 64 * 5 + 64 * 7 + 64 * 96
    norms = 2 * 64 + 2 * 96
    gru = 3 * 96 * (96 + 96) + 2 * 3 * 96
    total = sum(p.numel() for p in model.parameters())
    assert total == convolutions + norms + gru + 97 == 75_681


def test_it_is_what_plain_numpy_gives():
    model = built(in_chans=5, channels=4, hidden_size=3).double()
    w = {name: value.numpy() for name, value in model.state_dict().items()}
    x = torch.randn(21, 5, dtype=torch.float64).numpy()

    def normalise(y, name):
        scale = w[f"{name}.weight"] / np.sqrt(w[f"{name}.running_var"] + 1e-5)
        return np.maximum((y - w[f"{name}.running_mean"]) * scale + w[f"{name}.bias"], 0)

    def windows(y, width):
        past = np.concatenate([np.zeros((width - 2, y.shape[1])), y])
        return [past[2 * t : 2 * t + width] for t in range(len(y) // 2)]

    y = np.array([np.einsum("wc,kcw->k", p, w["first.conv.weight"]) for p in windows(x, 5)])
    y = normalise(y, "norm1")
    y = np.array([(p.T * w["second.conv.weight"][:, 0]).sum(1) for p in windows(y, 7)])
    y = normalise(y @ w["mix.weight"][:, :, 0].T, "norm2")
    h, said = np.zeros(3), []
    for row in y:
        r, z, n = np.split(w["gru.weight_ih_l0"] @ row + w["gru.bias_ih_l0"], 3)
        hr, hz, hn = np.split(w["gru.weight_hh_l0"] @ h + w["gru.bias_hh_l0"], 3)
        reset, update = 1 / (1 + np.exp(-r - hr)), 1 / (1 + np.exp(-z - hz))
        h = update * h + (1 - update) * np.tanh(n + reset * hn)
        said.append(w["output.weight"][0] @ h + w["output.bias"][0])
    with torch.no_grad():
        ours = model(torch.from_numpy(x)[None])[0].numpy()
    assert ours.shape == (5,)
    assert np.abs(ours - said).max() < 1e-10


@pytest.mark.parametrize("sizes", [1, 2, 3, 7, 64])
def test_a_stream_in_chunks_is_the_whole(sizes):
    model, x = built(), torch.randn(2, 103, 40)
    with torch.no_grad():
        whole = model(x)
        assert whole.shape == (2, 25)
        assert (chunked(model, x, sizes) - whole).abs().max() < 1e-5


def test_a_stream_in_random_chunks_with_empty_ones_is_the_whole():
    model, x = built(), torch.randn(1, 120, 40)
    with torch.no_grad():
        assert (chunked(model, x, [0, 5, 0, 1, 50, 13, 0, 51]) - model(x)).abs().max() < 1e-5
        assert model(x[:, :3]).shape == (1, 0)
        assert model.stream(x[:, :0])[0].shape == (1, 0)


def test_the_state_does_not_grow():
    model, state, sizes = built(), None, set()
    with torch.no_grad():
        for _ in range(40):
            _, state = model.stream(torch.randn(1, 3, 40), state)
            sizes.add(tuple(part.numel() for part in state))
    assert max(a for a, _, _ in sizes) <= 4 * 40
    assert max(b for _, b, _ in sizes) <= 6 * 64


def test_padding_and_company_change_nothing():
    model, x = built(), torch.randn(3, 80, 40)
    lengths = torch.tensor([80, 33, 5])
    with torch.no_grad():
        together = model(x, lengths)
        for row, logits, n in zip(x, together, lengths.tolist(), strict=True):
            alone = model(row[None, :n])[0]
            assert (logits[: n // 4] - alone).abs().max() < 1e-5
            assert (logits[n // 4 :] == NO_WORD).all()


def test_an_output_has_heard_nothing_that_comes_later_than_it_says():
    """The receptive field, by gradients: of samples, through front end and network."""
    front_end = LogMel()
    model = built().double()
    wave = torch.randn(1, 16_000, dtype=torch.float64, requires_grad=True)
    logits = model(front_end(wave))[0]
    for step in (5, 12):
        (slope,) = torch.autograd.grad(logits[step], wave, retain_graph=True)
        heard = slope[0].nonzero()[:, 0]
        newest = (4 * step + 3) * 160 + 400  # samples when the output is due
        assert newest - 160 < heard.max() < newest
        assert heard.min() <= 1  # all the past, by the GRU's state
        due = newest / 16_000
        assert due - (step + 1) * 0.04 <= 0.0151  # so much after the time that events are given


def test_latency_is_below_a_tenth_of_a_second():
    model, front_end = TriggerWord(), LogMel()
    step = model.stride * front_end.hop_seconds
    arrivals = torch.arange(0, 1600) / 16_000  # samples' times
    due = [(4 * j + 3) * 0.01 + 0.025 for j in range(40)]
    waits = [min(t for t in due if t > a + 1.5 / 16_000) - a for a in (arrivals + 0.5).tolist()]
    assert max(waits) <= step + 1e-3  # to the next output
    assert step + 0.025 == pytest.approx(model.latency())
    assert model.latency() == pytest.approx(0.065)


def test_every_parameter_gets_a_finite_gradient_and_one_batch_is_learnt():
    torch.manual_seed(0)
    model = TriggerWord(in_chans=8, channels=8, hidden_size=8, dropout=0.0).train()
    x = torch.randn(4, 64, 8)
    target = (torch.rand(4, 16) < 0.3).float()
    optimizer, first = torch.optim.Adam(model.parameters(), lr=0.02), None
    for _ in range(80):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x), target)
        optimizer.zero_grad()
        loss.backward()
        for name, parameter in model.named_parameters():
            assert torch.isfinite(parameter.grad).all(), name
        optimizer.step()
        first = first or loss.item()
    assert loss.item() < 0.2 * first


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_export_agrees():
    model, x = built(), torch.randn(2, 60, 40)
    program = torch.export.export(model, (x,))
    assert torch.allclose(program.module()(x), model(x), atol=1e-5)
