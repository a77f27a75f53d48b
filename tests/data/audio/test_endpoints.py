"""Ends of speech in synthetic clips: bursts of tone in noise, with clicks and stops."""

import pytest
import torch

from zoo.data.audio.endpoints import speech_ends, word_ends
from zoo.engine.seed import generator

RATE = 16_000


def clip(seconds, *bursts, noise=1e-4, rate=RATE):
    """Noise with bursts (first second, last second, size) in it."""
    time = torch.arange(round(seconds * rate)) / rate
    wave = noise * torch.randn(len(time), generator=generator(0))
    for first, last, size in bursts:
        wave += size * torch.sin(2 * torch.pi * 300 * time) * ((time >= first) & (time < last))
    return wave


def found(wave, rate=RATE):
    return tuple(n / rate for n in speech_ends(wave, rate))


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_a_burst_is_found_within_a_frame(rate):
    first, last = found(clip(2.0, (0.7, 1.3, 0.2), rate=rate), rate)
    assert first == pytest.approx(0.7, abs=0.026)
    assert last == pytest.approx(1.3, abs=0.026)


@pytest.mark.parametrize("noise", [1e-5, 1e-3, 0.03])
def test_the_level_of_the_noise_does_not_matter(noise):
    first, last = found(clip(3.0, (1.0, 1.6, 0.3), noise=noise))
    assert first == pytest.approx(1.0, abs=0.03)
    assert last == pytest.approx(1.6, abs=0.03)


def test_a_click_beside_the_word_stays_out():
    first, last = found(clip(3.0, (0.1, 0.13, 0.8), (1.0, 1.6, 0.2), (2.5, 2.55, 0.8)))
    assert (first, last) == pytest.approx((1.0, 1.6), abs=0.03)


def test_the_stop_within_a_word_is_bridged_and_a_pause_is_not():
    assert found(clip(3.0, (1.0, 1.3, 0.2), (1.5, 1.7, 0.1))) == pytest.approx((1.0, 1.7), abs=0.03)
    assert found(clip(3.0, (0.5, 1.1, 0.2), (1.6, 1.8, 0.2))) == pytest.approx((0.5, 1.1), abs=0.03)


def test_a_faint_tail_is_kept_to_a_limit():
    fading = clip(2.0, (0.5, 0.9, 0.3), (0.9, 1.1, 0.03), (1.1, 1.5, 0.003))
    assert found(fading)[1] == pytest.approx(1.1, abs=0.03)  # 20 dB down is in, 40 dB is not


@pytest.mark.parametrize("wave", [torch.zeros(5000), torch.zeros(100), torch.zeros(0)])
def test_silence_and_what_is_too_short_is_taken_whole(wave):
    assert speech_ends(wave, RATE) == (0, len(wave))


def test_the_ends_lie_inside():
    wave = clip(0.5, (0.0, 0.5, 0.3))
    first, last = speech_ends(wave, RATE)
    assert 0 <= first < last <= len(wave)


def levels(*runs, size=300, quiet=-60.0):
    """Frames of 10 ms: runs (first, one after the last, dB) in silence."""
    level = torch.full((size,), quiet)
    for first, last, loud in runs:
        level[first:last] = loud
    return level


def test_words_reach_as_far_as_their_sound():
    level = levels((50, 80, -20.0), (120, 150, -30.0))
    assert word_ends(level, [(60, 64), (146, 160)], 0.01) == [(50, 80), (120, 150)]


def test_words_without_a_pause_meet_at_the_quietest_frame_between_their_cores():
    level = levels((50, 90, -20.0), (68, 73, -28.0), (90, 140, -25.0))
    [(first, end), (start, last)] = word_ends(level, [(55, 60), (100, 130)], 0.01)
    assert (first, last) == (50, 140)
    assert end == start
    assert 67 <= end <= 73


def test_a_stop_is_within_a_word_and_a_pause_is_not():
    level = levels((50, 70, -20.0), (80, 90, -25.0), (130, 160, -20.0))
    assert word_ends(level, [(55, 60)], 0.01) == [(50, 90)]
    assert word_ends(level, [(82, 85)], 0.01) == [(50, 90)]


def test_ends_are_not_moved_further_than_half_a_second():
    assert word_ends(levels((0, 300, -20.0), quiet=-20.0), [(100, 101)], 0.01) == [(100, 101)]
    level = levels((20, 280, -20.0))
    assert word_ends(level, [(100, 101)], 0.01) == [(50, 151)]


def test_a_word_where_there_is_no_sound_stays_where_it_was():
    level = levels((50, 80, -20.0))
    assert word_ends(level, [(60, 64), (200, 210)], 0.01) == [(50, 80), (200, 210)]
    assert word_ends(torch.full((9,), -60.0), [(2, 5)], 0.01) == [(2, 5)]
    assert word_ends(level, [], 0.01) == []


def test_words_in_noise_end_where_they_rise_above_it():
    noise = -45 + 2 * torch.randn(300, generator=generator(0))
    level = torch.maximum(noise, levels((50, 80, -20.0), (120, 150, -25.0)))
    for (first, last), (a, b) in zip(
        word_ends(level, [(60, 64), (130, 132)], 0.01), [(50, 80), (120, 150)], strict=True
    ):
        assert abs(first - a) <= 1
        assert abs(last - b) <= 1
