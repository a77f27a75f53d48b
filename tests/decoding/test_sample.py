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
    drawn = torch.cat([sampler.draw(P.log()[None], [source])[0] for _ in range(1000)])
    counts = drawn.bincount(minlength=5)
    assert counts[2] == 0
    kept = expected > 0
    assert chisquare(counts[kept], 1000 * expected[kept]).pvalue > 0.01


def test_a_draw_is_torchs_own_and_each_row_has_its_own_generator():
    log_p = torch.randn(3, 40, generator=torch.Generator().manual_seed(1)).log_softmax(1)
    for _ in range(5):
        drawn = Sampler().draw(log_p, [torch.Generator().manual_seed(n) for n in (7, 8, 7)])
        assert drawn.shape == (3, 1)
        for row, n in enumerate((7, 8, 7)):
            p = log_p[row].double().exp()
            own = torch.Generator().manual_seed(n)
            assert torch.multinomial(p, 1, generator=own) == drawn[row]
            assert Sampler().draw(log_p[row : row + 1], [own.manual_seed(n)]) == drawn[row]


@pytest.mark.parametrize("options", [{}, {"temperature": 0}, {"temperature": 0.5, "top_k": 2},
                                     {"top_p": 0.5}])  # fmt: skip
def test_a_barred_token_is_never_drawn_and_the_rest_is_renormalised(options):
    sampler = Sampler(barred=(1, 3), **options)
    p = sampler.narrowed(P.log()).exp()
    assert p[[1, 3]].tolist() == [0, 0]
    assert p.sum() == pytest.approx(1)
    source = torch.Generator().manual_seed(0)
    drawn = torch.cat([sampler.draw(P.log()[None].repeat(50, 1), [source] * 50)])
    assert not set(drawn.flatten().tolist()) & {1, 3}
    if not options:
        assert p.tolist() == pytest.approx([0.1 / 0.35, 0, 0.05 / 0.35, 0, 0.2 / 0.35])


def test_barring_all_that_can_come_is_refused():
    certain = torch.tensor([[0.0, -math.inf]])
    with pytest.raises(BadInput, match="only barred tokens"):
        Sampler(barred=(0,)).draw(certain, [torch.Generator()])


def test_rows_are_cut_each_by_itself():
    rows = torch.randn(4, 9, generator=torch.Generator().manual_seed(2)).log_softmax(1)
    for options in ({"top_k": 3}, {"top_p": 0.6}, {"temperature": 0}, {"temperature": 2.0}):
        together = Sampler(**options).narrowed(rows)
        alone = torch.stack([Sampler(**options).narrowed(row) for row in rows])
        assert torch.equal(together, alone)


def test_the_state_goes_from_step_to_step_and_log_p_is_the_models_own():
    seen = []

    def step(tokens, state):
        seen.append((tokens.tolist(), state))
        return P.log()[None], state + 1

    greedy, source = Sampler(temperature=0), torch.Generator().manual_seed(0)
    steps = sample(step, P.log()[None], 0, greedy, [source])
    found = [next(steps) for _ in range(3)]
    assert [token.tolist() for token, _ in found] == [[[1]]] * 3
    assert [log_p.item() for _, log_p in found] == pytest.approx([math.log(0.4)] * 3)
    assert seen == [([[1]], 0), ([[1]], 1)]


@pytest.mark.parametrize(
    "options",
    [{"temperature": -1}, {"temperature": math.nan}, {"top_k": 0}, {"top_p": 0}, {"top_p": 1.1}],
)
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(BadInput, match=f"{next(iter(options))} must be"):
        Sampler(**options)


def test_a_network_that_gives_nan_is_refused():
    bad = torch.tensor([[math.nan, 0]])
    with pytest.raises(BadInput, match="are NaN"):
        next(sample(lambda tokens, state: (bad, None), bad, None, Sampler(), [torch.Generator()]))
