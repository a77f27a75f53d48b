"""The course's network: its counts, an independent implementation, dropout of four fifths."""

import numpy as np
import pytest
import torch

from zoo import registry
from zoo.models.trigger_word_course import TriggerWordCourse


def built(seed=0):
    """Asymmetric weights and averages."""
    torch.manual_seed(seed)
    model = TriggerWordCourse().eval()
    with torch.no_grad():
        for name, value in [*model.named_parameters(), *model.named_buffers()]:
            if "tracked" not in name:
                value += 0.1 * (
                    torch.rand_like(value) if "var" in name else torch.randn_like(value)
                )
    return model


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def as_the_library_does(weights, spectrogram):
    """The network in numpy, a step at a time, from the assignment's library's definitions."""
    w = {name: value.numpy() for name, value in weights.items()}

    def normalise(x, name):
        scale = w[f"{name}.weight"] / np.sqrt(w[f"{name}.running_var"] + 0.001)
        return (x - w[f"{name}.running_mean"]) * scale + w[f"{name}.bias"]

    def gru(x, name):
        kernel, recurrent = w[f"{name}.weight_ih_l0"], w[f"{name}.weight_hh_l0"]
        bias, recurrent_bias = w[f"{name}.bias_ih_l0"], w[f"{name}.bias_hh_l0"]
        h, found = np.zeros(128), []
        for row in x:
            r, z, n = np.split(kernel @ row + bias, 3)
            hr, hz, hn = np.split(recurrent @ h + recurrent_bias, 3)
            reset, update = sigmoid(r + hr), sigmoid(z + hz)
            h = update * h + (1 - update) * np.tanh(n + reset * hn)  # reset after the product
            found.append(h)
        return np.array(found)

    count = (len(spectrogram) - 15) // 4 + 1
    frames = np.stack([spectrogram[4 * t : 4 * t + 15].T for t in range(count)])  # (T', 101, 15)
    x = np.einsum("tcw,kcw->tk", frames, w["conv.weight"]) + w["conv.bias"]
    x = np.maximum(normalise(x, "norm1"), 0)
    x = normalise(gru(x, "gru1"), "norm2")
    x = normalise(gru(x, "gru2"), "norm3")
    return sigmoid(x @ w["output.weight"][0] + w["output.bias"][0])


def test_it_has_the_assignments_numbers_of_parameters_and_steps():
    model = registry.build("trigger_word_course")
    parts = {
        name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()
    }
    assert parts == {
        **{"conv": 15 * 101 * 196 + 196, "norm1": 392, "norm2": 256, "norm3": 256},
        **{"gru1": 125_184, "gru2": 99_072, "relu": 0, "dropout": 0, "output": 129},
    }
    assert sum(parts.values()) == 522_425
    averages = sum(b.numel() for name, b in model.named_buffers() if "running" in name)
    assert averages == 904
    with torch.no_grad():
        out = model.eval().probabilities(torch.zeros(1, 5511, 101))
    assert out.shape == (1, 1375)


def test_it_is_what_the_librarys_definitions_give():
    model = built().double()
    with torch.no_grad():
        x = torch.rand(2, 71, 101, dtype=torch.float64)
        ours = model.probabilities(x)
        for row, said in zip(x, ours, strict=True):
            theirs = as_the_library_does(model.state_dict(), row.numpy())
            assert np.abs(said.numpy() - theirs).max() < 1e-10


def test_dropout_drops_four_fifths_and_averages_move_by_a_hundredth():
    torch.manual_seed(0)
    model = TriggerWordCourse().train()
    dropped = model.dropout(torch.ones(10_000))
    assert 0.78 < (dropped == 0).float().mean() < 0.82
    assert torch.allclose(dropped.max(), torch.tensor(5.0))
    before = model.norm1.running_mean.clone()
    model(torch.ones(2, 43, 101))
    with torch.no_grad():
        mean = model.conv(torch.ones(2, 43, 101).transpose(1, 2)).mean((0, 2))
    assert torch.allclose(model.norm1.running_mean, 0.99 * before + 0.01 * mean, atol=1e-6)


def test_every_parameter_gets_a_finite_gradient():
    torch.manual_seed(0)
    model = TriggerWordCourse(dropout=0.0).train()
    model(torch.rand(2, 59, 101)).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0 or name == "conv.bias", name  # norm1 takes it away


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_export_agrees():
    model, x = built(), torch.rand(2, 59, 101)
    program = torch.export.export(model, (x,))
    assert torch.allclose(program.module()(x), model(x), atol=1e-5)
