"""Changes to training sound: each does what it says, depends on its draw, and leaves the rest."""

import pytest
import torch

from zoo.data.audio.batches import Augmentation, augmented, features, noisy, padded, softened
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.utterances import Utterances
from zoo.engine.seed import generator
from zoo.errors import BadInput

FRONT_END = LogMel(sample_rate=8000, win_length=200, hop_length=80, n_fft=256, n_mels=12)
SIZES = (4000, 2500, 3300)


@pytest.fixture(scope="module")
def part():
    draw = torch.Generator().manual_seed(0)
    waves = [0.2 * (torch.rand(n, generator=draw) - 0.5) for n in SIZES]
    return Utterances.from_waves(waves, ["a", "b", "c"], ["x"] * 3, 8000)


def made(part, seed=0, **changes):
    return augmented(part, Augmentation(**changes), torch.Generator().manual_seed(seed), FRONT_END)


def test_without_changes_each_utterance_has_the_features_it_has_alone(part):
    found, frames = made(part)
    assert frames.tolist() == [FRONT_END.frames(n) for n in SIZES]
    for n, count in enumerate(frames.tolist()):
        assert torch.allclose(found[n, :count], FRONT_END(part.wave(n)), atol=1e-5)


def test_padding_a_batch_further_changes_no_frame(part):
    waves, lengths = padded([part.wave(i) for i in range(3)])
    more = torch.nn.functional.pad(waves, (0, 5000))
    cpu = torch.device("cpu")
    one, frames = features(waves, lengths, FRONT_END, cpu)
    other, same = features(more, lengths, FRONT_END, cpu)
    assert torch.equal(frames, same)
    for n, count in enumerate(frames.tolist()):
        assert torch.equal(one[n, :count], other[n, :count])


def test_speed_changes_the_lengths_by_the_percentage(part):
    counts = set()
    for seed in range(12):
        _, frames = made(part, seed, speed=20)
        assert 38 <= int(frames[0]) <= 61  # 48 of all the speed
        counts.add(int(frames[0]))
    assert len(counts) > 3


def test_gain_moves_the_logarithm_by_as_much_in_every_band(part):
    plain, frames = made(part)
    louder, _ = made(part, gain=6.0)
    moved = (louder - plain)[0, : int(frames[0])]
    assert moved.std() < 0.05
    assert 0.01 < abs(float(moved.mean())) < 6 / 10 * 2.3026 * 1.01


def test_noise_fills_what_was_silent(part):
    waves = [torch.cat([part.wave(0), torch.zeros(2000)])]
    quiet = Utterances.from_waves(waves, ["a"], ["x"], 8000)
    plain, _ = made(quiet)
    noisy, _ = made(quiet, min_snr=10.0)
    assert (noisy[0, -10:] > plain[0, -10:] + 1).all()


def test_masks_are_zeros_that_are_no_wider_than_said(part):
    hidden, frames = made(part, seed=1, freq_mask=3, time_mask=4)
    for n, count in enumerate(frames.tolist()):
        rows = (hidden[n, :count] == 0).all(0)
        assert int(rows.sum()) <= 2 * 3
        assert int((hidden[n, :count] == 0).all(1).sum()) <= 2 * 4


def test_the_draw_decides_everything(part):
    settings = {"speed": 10, "gain": 5.0, "min_snr": 10.0, "freq_mask": 3, "time_mask": 4}
    one, _ = made(part, 3, **settings)
    assert torch.equal(one, made(part, 3, **settings)[0])
    other, _ = made(part, 4, **settings)
    assert one.shape != other.shape or not torch.equal(one, other)


def test_noise_is_as_much_softer_as_is_said_and_of_every_colour():
    waves = torch.sin(torch.arange(8000) / 3).expand(300, -1)
    noise = noisy(waves, 15.0, torch.Generator().manual_seed(0)) - waves
    softer = 10 * torch.log10(waves.square().mean(1) / noise.square().mean(1))
    assert 14.9 < softer.min() < 17
    assert 53 < softer.max() < 55.1
    power = torch.fft.rfft(noise).abs().square()
    fall = torch.log10(power[:, 200:300].mean(1) / power[:, 2000:3000].mean(1))
    assert -0.1 < fall.min() < 0.15
    assert 1.85 < fall.max() < 2.2


def test_silence_is_filled_with_noise_that_does_not_depend_on_speech():
    made = noisy(torch.zeros(300, 8000), 15.0, torch.Generator().manual_seed(0))
    level = 10 * torch.log10(made.square().mean(1))
    assert -75.1 < level.min() < -73
    assert -37 < level.max() < -34.9


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed": 51},
        {"speed": -1},
        {"gain": -1.0},
        {"softest": -110.0},
        {"softest": 0.0},
        {"freq_mask": -2},
    ],
)
def test_changes_that_make_no_sense_are_refused(wrong):
    with pytest.raises(BadInput, match="got"):
        Augmentation(**wrong)


def test_soft_recordings_are_rounded_as_16_bits_are():
    waves = torch.sin(torch.arange(8000) * 0.3).repeat(200, 1)
    waves[0] = 0
    before = waves.clone()
    softer = softened(waves, -85.0, generator("softened"))
    assert torch.equal(waves, before)
    steps = softer * 32768
    assert torch.equal(steps, steps.round())
    assert not softer[0].any()
    level = 10 * softer[1:].square().mean(1).log10()
    assert -86 < level.min() < -75
    assert -35 < level.max() < -19
    rounded = softer[1:][level < -80] * 32768
    assert len(rounded.unique()) < 10
