"""Temperature, top k and nucleus against their definitions; draws against their probabilities."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from zoo.decoding.sample import Sampler, sample
from zoo.errors import BadInput

P = torch.tensor([0.1, 0.4, 0.05, 0.25, 0.2], dtype=torch.float64)


def probabilities(**options):
    return Sampler(**options).narrowed(P.log()).exp()


def test_temperature_one_changes_nothing():
    assert torch.allclose(probabilities(), P)


def test_temperature_is_a_power_of_the_probabilities():
    expected = P**2 / (P**2).sum()
    assert torch.allclose(probabilities(temperature=0.5), expected)


def test_temperature_zero_is_greedy():
    assert probabilities(temperature=0).tolist() == [0, 1, 0, 0, 0]


def test_top_k_keeps_the_likeliest_and_renormalises():
    kept = [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0]
    assert probabilities(top_k=2).tolist() == pytest.approx(kept)
    assert torch.allclose(probabilities(top_k=99), P)


def test_the_nucleus_is_the_smallest_set_that_holds_p():
    assert (probabilities(top_p=0.4) > 0).tolist() == [False, True, False, False, False]
    assert (probabilities(top_p=0.41) > 0).tolist() == [False, True, False, True, False]
    kept = [0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85]
    assert probabilities(top_p=0.7).tolist() == pytest.approx(kept)


def test_of_equals_the_first_stay():
    even = Sampler(top_k=2).narrowed(torch.zeros(4).log_softmax(0)).exp()
    assert even.tolist() == pytest.approx([0.5, 0.5, 0, 0])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-9, 9), min_size=1, max_size=12), st.floats(0.01, 1.0))
def test_a_nucleus_holds_p_and_would_not_without_its_least(scores, top_p):
    log_p = torch.tensor(scores, dtype=torch.float64).log_softmax(0)
    kept = Sampler(top_p=top_p).narrowed(log_p)
    inside = log_p.exp()[kept > -math.inf]
    assert inside.sum() >= top_p - 1e-9
    assert inside.sum() - inside.min() < top_p + 1e-9
    assert kept.exp().sum() == pytest.approx(1)
    outside = log_p.exp()[kept == -math.inf]
    assert len(outside) == 0 or outside.max() <= inside.min()


def test_draws_are_as_frequent_as_they_are_probable():
    sampler, source = Sampler(temperature=0.7, top_k=4), torch.Generator().manual_seed(3)
    expected = sampler.narrowed(P.log()).exp()
    drawn = torch.tensor([sampler.draw(P.log(), source) for _ in range(1000)])
    counts = drawn.bincount(minlength=5)
    assert counts[2] == 0
    kept = expected > 0
    assert chisquare(counts[kept], 1000 * expected[kept]).pvalue > 0.01


def test_the_state_goes_from_step_to_step_and_log_p_is_the_models_own():
    seen = []

    def step(tokens, state):
        seen.append((tokens.tolist(), state))
        return P.log()[None], (state or 0) + 1

    steps = sample(
        step, torch.tensor([[2, 2]]), None, Sampler(temperature=0), torch.Generator().manual_seed(0)
    )
    found = [next(steps) for _ in range(3)]
    assert [token for token, _ in found] == [1, 1, 1]
    assert [log_p for _, log_p in found] == pytest.approx([math.log(0.4)] * 3)
    assert seen == [([[2, 2]], None), ([[1]], 1), ([[1]], 2)]


@pytest.mark.parametrize(
    "options",
    [{"temperature": -1}, {"temperature": math.nan}, {"top_k": 0}, {"top_p": 0}, {"top_p": 1.1}],
)
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(BadInput, match=f"{next(iter(options))} must be"):
        Sampler(**options)


def test_a_network_that_gives_nan_is_refused():
    steps = sample(
        lambda tokens, state: (torch.tensor([[math.nan, 0]]), None),
        *(torch.zeros(1, 1, dtype=torch.long), None, Sampler(), torch.Generator()),
    )
    with pytest.raises(BadInput, match="are NaN"):
        next(steps)
