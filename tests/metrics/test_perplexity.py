"""Reading a text at many places at a time gives what reading it word by word gives."""

import math
from itertools import pairwise

import pytest
import torch

from zoo import registry
from zoo.metrics.perplexity import total_cross_entropy


def network(name="lstm", scale=1.0, **arguments):
    """Asymmetric weights: with a large ``scale`` the recurrence forgets little."""
    torch.manual_seed(0)
    sizes = {"vocab_size": 11, "embedding_dim": 5, "hidden_size": 7, "num_layers": 2, **arguments}
    model = registry.build(name, **sizes).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(scale * 0.3 * torch.randn_like(parameter))
    return model


def text(count=121):
    return torch.randint(0, 11, (count,), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def word_by_word(model, numbers):
    """The definition: batch 1, one word at a time."""
    state, total = None, 0.0
    for now, then in pairwise(numbers):
        log_p, state = model.step(now[None, None], state)
        total -= log_p[0, then].double().item()
    return total


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("scale", [1.0, 8.0])  # 8: chaotic, with a long memory
def test_any_width_and_chunk_length_give_the_same_perplexity(name, scale):
    model, numbers = network(name, scale), text()
    expected = math.exp(word_by_word(model, numbers) / 120)
    for width, length in [(1, 120), (2, 7), (7, 64), (20, None), (None, None)]:
        total, count = total_cross_entropy(model, numbers, width, length)
        assert count == 120
        assert math.exp(total / count) == pytest.approx(expected, rel=1e-5)


def test_starting_every_segment_from_zeros_would_not():
    """That the state matters to this text and model at all."""
    model, numbers = network(scale=8.0), text()
    rows, wanted = numbers[:-1].view(20, 6), numbers[1:].view(20, 6)
    with torch.no_grad():
        total, _ = model(rows, None, wanted)
    assert abs(total.mean().item() - word_by_word(model, numbers) / 120) > 1e-3


def test_an_adaptive_softmax_too():
    model, numbers = network(cutoffs=(3, 6), hidden_size=16), text(60)
    total, count = total_cross_entropy(model, numbers, 8)
    assert total / count == pytest.approx(word_by_word(model, numbers) / count, rel=1e-5)


def test_the_shortest_text():
    model, numbers = network(), text(2)
    assert total_cross_entropy(model, numbers)[0] == pytest.approx(
        word_by_word(model, numbers), rel=1e-6
    )
