"""Changes to sound: each does what it says, to every wave its own, and as often as it is asked."""

import math

import pytest
import torch

from zoo.data.audio.augment import (
    active_power,
    add_noise,
    coloured,
    gain,
    mix,
    shift,
    speed,
    tilted,
)
from zoo.engine.seed import generator
from zoo.errors import BadInput

RATE = 16000


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=generator("noise", seed))


def words(count=4, n=RATE):
    """A loud half second within silence, of another loudness in each wave."""
    waves = torch.zeros(count, n)
    waves[:, n // 4 : 3 * n // 4] = noise(count, n // 2, seed=1)
    return waves * torch.logspace(-2, 0, count)[:, None]


def snr_of(mixed, waves):
    added = (mixed - waves).square().mean(-1)
    loud = waves[:, RATE // 4 : 3 * RATE // 4].square().mean(-1)
    return 10 * torch.log10(loud / added)


def test_power_is_that_of_the_active_part():
    waves = words()
    padded = torch.nn.functional.pad(waves, (0, 5 * RATE))
    assert torch.allclose(active_power(padded), active_power(waves))
    assert torch.allclose(active_power(waves), waves[:, 4000:12000].square().mean(-1), rtol=1e-4)
    assert active_power(torch.zeros(2, 800)).tolist() == [0, 0]
    assert active_power(torch.full((1, 20), 0.5)).tolist() == [0.25]  # shorter than a frame
    assert active_power(torch.zeros(1, 0)).tolist() == [0]


@pytest.mark.parametrize("snr", [-5.0, 0.0, 10.0, 30.0])
def test_noise_is_as_loud_as_the_ratio_says(snr):
    waves = words()
    mixed = mix(waves, noise(4, RATE, seed=2), snr)
    assert torch.allclose(snr_of(mixed, waves), torch.tensor(snr), atol=0.05)


def test_each_wave_has_its_own_ratio():
    snr = torch.tensor([-3.0, 0.0, 7.0, 20.0])
    waves = words()
    assert torch.allclose(snr_of(mix(waves, noise(4, RATE), snr), waves), snr, atol=0.05)


@pytest.mark.parametrize("snr", [-20.0, 10.0])
def test_silence_stays_finite(snr):
    silent, loud = torch.zeros(2, RATE), words(2)
    assert torch.equal(mix(loud, silent, snr), loud)
    assert torch.equal(mix(silent, loud, snr), silent)
    faint = torch.full((2, RATE), 1e-25)  # its square is not a float any more
    assert torch.equal(mix(loud, faint, snr), loud)
    assert mix(loud, faint * 1e6, snr).isfinite().all()


def test_drawn_noise_lies_between_its_bounds_and_differs():
    waves = words(200)
    mixed = add_noise(waves, noise(5 * RATE), generator(0), 3.0, 9.0)
    snr = snr_of(mixed, waves)
    assert 2.8 < snr.min() < 3.5
    assert 8.5 < snr.max() < 9.2
    added = mixed - waves
    assert not torch.allclose(added[0] / added[0].norm(), added[1] / added[1].norm(), atol=1e-3)


def test_short_noise_is_repeated():
    waves = torch.ones(1, 1000)
    added = add_noise(waves, noise(300), generator(0)) - waves
    assert torch.allclose(added[:, 300:], added[:, :-300], atol=1e-6)
    with pytest.raises(BadInput, match=r"a noise must be \(m,\) samples, got \(0,\)"):
        add_noise(waves, torch.zeros(0), generator(0))


def test_gain_is_one_factor_for_each_wave():
    waves = words(300, 400)
    factor = gain(waves, generator(0), -12.0, 6.0) / waves
    factor = factor[:, 100:300]
    assert torch.allclose(factor, factor[:, :1].expand_as(factor))
    decibels = 20 * torch.log10(factor[:, 0])
    assert -12.01 < decibels.min() < -11.5
    assert 5.5 < decibels.max() < 6.01


def test_shift_moves_and_lets_zeros_in():
    waves = noise(300, 50)
    moved = shift(waves, generator(0), 7)
    seen = set()
    for wave, got in zip(waves, moved, strict=True):
        for by in range(-7, 8):
            wanted = wave.roll(by)
            wanted[slice(0, by) if by >= 0 else slice(by, None)] = 0
            if torch.equal(wanted, got):
                seen.add(by)
                break
        else:
            pytest.fail("moved by none of the distances")
    assert seen == set(range(-7, 8))
    assert torch.equal(shift(waves, generator(0), 0), waves)
    assert not shift(waves[:, :3], generator(0), 1000).isnan().any()
    assert shift(waves[:, :0], generator(0), 3).shape == (300, 0)


@pytest.mark.parametrize("percent", [90, 97, 100, 110])
def test_speed_changes_length_and_pitch(percent):
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(RATE) / RATE).expand(2, -1)
    got = speed(tone, percent)
    length = math.ceil(100 * RATE / percent)
    assert got.shape == (2, length)
    wanted = torch.sin(2 * torch.pi * 10 * percent * torch.arange(length) / RATE)
    assert (got - wanted)[:, 100:-100].abs().max() < 2e-3
    for wrong in (0, 49, 201):
        with pytest.raises(BadInput, match="expected 50 to 200"):
            speed(tone, wrong)


def test_the_same_generator_draws_the_same_and_nothing_is_changed_in_place():
    waves, features = words(), noise(4, 60, 40)
    originals, state = (waves.clone(), features.clone()), torch.get_rng_state()
    ways = [
        lambda draw: add_noise(waves, noise(RATE), draw),
        lambda draw: gain(waves, draw),
        lambda draw: shift(waves, draw, 100),
        lambda draw: tilted(features, 0.25, draw),
    ]
    for way in ways:
        first, again, other = way(generator(0)), way(generator(0)), way(generator(1))
        assert torch.equal(first, again)
        assert not torch.equal(first, other)
    assert torch.equal(waves, originals[0])
    assert torch.equal(features, originals[1])
    assert torch.equal(torch.get_rng_state(), state)


def test_each_noise_has_the_colour_that_is_asked_for():
    slopes = torch.tensor([[0.0], [1.0], [2.0]])
    made = coloured((3, RATE), slopes, generator(0))
    assert torch.allclose(made.square().mean(1), torch.ones(3))
    power = torch.fft.rfft(made).abs().square()
    fall = 10 * torch.log10(power[:, 400:600].mean(1) / power[:, 4000:6000].mean(1))
    assert torch.allclose(fall, 10 * slopes[:, 0], atol=1.5)
    alone = [coloured((RATE,), float(slope), draw) for slope, draw in
             zip(slopes, [generator(0)] * 3, strict=True)]  # fmt: skip
    assert torch.allclose(torch.stack(alone), made, atol=1e-4)


def test_a_tilt_is_a_slope_over_the_bands_of_each_utterance():
    made = tilted(torch.zeros(50, 2, 40), 0.25, generator(0))
    assert made.abs().max() <= 0.25
    assert made.std() > 0.05
    assert torch.allclose(made[..., 0], -made[..., -1])
    steps = made.diff(dim=-1)
    assert torch.allclose(steps, steps[..., :1].expand_as(steps), atol=1e-6)
