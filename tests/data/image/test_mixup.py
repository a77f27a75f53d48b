"""Mixup and cutmix: their formulas, their draws, and torch's own state left alone."""

import pytest
import torch

from zoo.data.image.mixup import KINDS, mixing
from zoo.engine.seed import generator
from zoo.errors import BadInput, UnknownName


def batch(count=6):
    draw = torch.Generator().manual_seed(0)
    pictures = torch.rand(count, 3, 8, 10, generator=draw) + torch.arange(count).view(-1, 1, 1, 1)
    return pictures, torch.arange(count) % 4


@pytest.mark.parametrize("seed", range(5))
def test_mixup_blends_pictures_and_labels_by_one_lambda(seed):
    pictures, labels = batch()
    mixed, q = mixing("mixup", 1.0, 4)(pictures, labels, generator(seed))
    share = q[0, labels[0]]  # lambda: neighbours have other labels
    one_hot = torch.eye(4)[labels]
    assert 0 < share < 1
    assert torch.allclose(q, share * one_hot + (1 - share) * one_hot.roll(1, 0))
    assert torch.allclose(mixed, share * pictures + (1 - share) * pictures.roll(1, 0), atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_cutmix_pastes_one_box_and_counts_its_area(seed):
    pictures, labels = batch()
    mixed, q = mixing("cutmix", 1.0, 4)(pictures, labels, generator(seed))
    other = pictures.roll(1, 0)
    pasted = (mixed == other).all(1)  # (N, H, W)
    assert torch.equal(mixed, torch.where(pasted[:, None], other, pictures))
    assert (pasted == pasted[0]).all()
    rows, columns = pasted[0].any(1), pasted[0].any(0)
    assert torch.equal(pasted[0], rows[:, None] & columns)  # a box
    kept = 1 - pasted[0].float().mean()
    one_hot = torch.eye(4)[labels]
    assert torch.allclose(q, kept * one_hot + (1 - kept) * one_hot.roll(1, 0), atol=1e-6)


def lambdas(kind, alpha, count=1500):
    pictures, labels, mix = torch.zeros(2, 1, 1, 1), torch.tensor([0, 1]), mixing(kind, alpha, 2)
    return torch.stack([mix(pictures, labels, generator(i))[1][0, 0] for i in range(count)])


@pytest.mark.parametrize("alpha", [0.2, 1.0])
def test_lambda_is_of_the_beta_distribution(alpha):
    drawn = lambdas("mixup", alpha)
    assert drawn.mean() == pytest.approx(0.5, abs=0.04)
    assert drawn.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.1)


def test_both_is_each_of_them_half_of_the_time():
    pictures, labels = batch()
    found = []
    for seed in range(200):
        mixed, _ = mixing("both", 1.0, 4)(pictures, labels, generator(seed))
        whole = (mixed == pictures) | (mixed == pictures.roll(1, 0))
        found.append(bool(whole.all()))  # cutmix makes no value that was not there
    assert 70 < sum(found) < 130


@pytest.mark.parametrize("kind", KINDS)
def test_draws_come_from_the_generator_and_torchs_own_state_is_untouched(kind):
    pictures, labels = batch()
    originals, state = (pictures.clone(), labels.clone()), torch.get_rng_state()
    mix = mixing(kind, 1.0, 4)
    first = mix(pictures, labels, generator(0))
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(3)  # somebody else draws in between
    again = mix(pictures, labels, generator(0))
    other = mix(pictures, labels, generator(1))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1])
    assert torch.equal(pictures, originals[0])  # not in place
    assert torch.equal(labels, originals[1])


def test_torchs_state_comes_back_after_a_failure_too():
    state = torch.get_rng_state()
    with pytest.raises(ValueError, match="batched input"):
        mixing("mixup", 1.0, 4)(torch.zeros(2, 8, 8), torch.tensor([0, 1]), generator(0))
    assert torch.equal(torch.get_rng_state(), state)


def test_what_cannot_be_is_refused():
    with pytest.raises(UnknownName, match="did you mean mixup"):
        mixing("mixupp", 1.0, 4)
    for alpha in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(BadInput, match="mix_alpha must be above 0"):
            mixing("cutmix", alpha, 4)
