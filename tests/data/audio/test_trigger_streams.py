"""Streams: where words end, how loud what is, and that the draw decides everything."""

import math

import pytest
import torch

from zoo.data.audio import trigger_streams as streams
from zoo.data.audio.trigger_recordings import RATE, Clip, Sounds
from zoo.data.audio.trigger_streams import CLEAN, Bank, Mix, piece_of
from zoo.engine.seed import generator


def tone(name, hertz, first=0.3, last=0.8, seconds=1.2, size=0.1):
    """A clip that speaks at one frequency from ``first`` to ``last``."""
    time = torch.arange(round(seconds * RATE)) / RATE
    wave = size * torch.sin(2 * torch.pi * hertz * time) * ((time >= first) & (time < last))
    return Clip(name, wave, round(first * RATE), round(last * RATE))


def bank(speeds=(1.0,), others=True):
    noise = torch.randn(5 * RATE, generator=generator("room")) * 0.01
    return Bank(
        Sounds(
            (tone("a", 400), tone("b", 450, size=0.01)),
            (tone("c", 2000),) if others else (),
            (Clip("room", noise, 0, len(noise)), Clip("short", noise[:RATE], 0, RATE)),
        ),
        speeds,
    )


def level(wave):
    return 20 * math.log10(wave.square().mean().sqrt())


@pytest.mark.parametrize("speed", [0.9, 1.0, 1.1])
def test_a_piece_is_the_speech_with_a_margin_at_level_one(speed):
    clip = tone("a", 400, size=0.003)
    made = piece_of(clip, speed)
    margin = streams.MARGIN * RATE
    assert made.end == pytest.approx((0.5 * RATE + margin) / speed, abs=2)
    assert len(made.wave) == pytest.approx((0.5 * RATE + 2 * margin) / speed, abs=2)
    spoken = made.wave[round(margin / speed) : made.end]
    assert level(spoken) == pytest.approx(0, abs=0.05)
    crossings = (spoken[1:] * spoken[:-1] < 0).sum() / 2  # periods
    assert crossings == pytest.approx(200, abs=3)  # as many, in less or more time
    assert torch.equal(clip.wave, tone("a", 400, size=0.003).wave)  # the clip is as it was


def test_words_have_the_ratio_that_is_asked_for():
    made = streams.keyword_streams(bank(), 10.0, 3, generator(0))
    assert made.waves.shape == (2, 12 * RATE)
    assert [len(row) for row in made.ends] == [3, 3]
    for wave, ends in zip(made.waves, made.ends, strict=True):
        said = torch.zeros(len(wave), dtype=torch.bool)
        for end in ends:
            said[round((end - 0.6) * RATE) : round((end + 0.1) * RATE)] = True
        room = wave[~said]
        for end in ends:
            word = wave[round((end - 0.45) * RATE) : round((end - 0.05) * RATE)]
            power = word.square().mean() - room.square().mean()
            assert 10 * math.log10(power / room.square().mean()) == pytest.approx(10, abs=1)


def test_clean_words_have_nothing_around_them_and_each_comes_as_often():
    made = streams.keyword_streams(bank(), CLEAN, 3, generator(0))
    for wave, ends in zip(made.waves, made.ends, strict=True):
        assert wave[: round((ends[0] - 0.6) * RATE)].abs().sum() == 0
        assert all(4 * n < end <= 4 * n + 4 for n, end in enumerate(ends))
    tones = [
        (
            torch.fft.rfft(wave[round((end - 0.5) * RATE) : round(end * RATE)]).abs().argmax() * 2
        ).item()
        for wave, ends in zip(made.waves, made.ends, strict=True)
        for end in ends
    ]
    assert sorted(round(t / 50) * 50 for t in tones) == [400] * 3 + [450] * 3


def test_the_draw_decides():
    one, same, other = (bank().streams(Mix(seconds=3.0), 2, generator(n)) for n in (1, 1, 2))
    assert torch.equal(one.waves, same.waves)
    assert one.ends == same.ends
    assert not torch.equal(one.waves, other.waves)
    assert one.waves.shape == (2, 3 * RATE)
    assert one.waves.abs().max() <= 1


def test_words_are_where_it_says_and_nowhere_else():
    quiet = Mix(
        8.0,
        (60.0, 60.0),
        narrowband_share=0.0,
        clean_share=0.0,
        keyword_share=0.5,
        near_miss_share=0.0,
        gibberish_share=0.0,
        noise_share=0.0,
        babble_share=0.0,
    )
    made = bank((0.9, 1.0, 1.1)).streams(quiet, 4, generator(3))
    assert sum(map(len, made.ends)) > 4
    for wave, ends in zip(made.waves, made.ends, strict=True):
        spectrum = torch.stft(
            wave, 512, 160, window=torch.hann_window(512), return_complex=True
        ).abs()
        low = spectrum[9:19].amax(0)  # 280-560 Hz: the words; the other word is at 2000
        on = low > 0.2 * low.max()
        time = torch.arange(len(on)) * 0.01
        for end in ends:
            assert on[(time > end - 0.4) & (time < end - 0.05)].float().mean() > 0.9
        told = torch.zeros_like(on)
        for end in ends:
            told |= (time > end - 0.65) & (time < end + 0.1)
        loudest = torch.tensor([low[(time > e - 0.4) & (time < e)].max() for e in ends])
        assert not (low > 0.5 * loudest.min())[~told].any()


def test_a_near_miss_has_no_end_to_be_found():
    near = Mix(seconds=4.0, keyword_share=0.0, near_miss_share=1.0)
    assert bank().streams(near, 3, generator(0)).ends == [[], [], []]
    word, other = piece_of(tone("a", 400, first=0.2, last=0.9)), piece_of(tone("c", 2000))
    shares = {}
    for seed in range(60):
        made = streams.near_miss(word, other, generator(seed))
        power = torch.fft.rfft(made.wave, 2 * RATE).abs().square()
        low, high = power[600:1000].sum() > 1e4, power[3800:4200].sum() > 1e4
        assert low
        whole = torch.equal(made.wave, word.wave.flip(0))
        kind = "backwards" if whole else "both" if high else "half"
        shares.setdefault(kind, []).append(len(made.wave) / len(word.wave))
    assert {kind for kind, found in shares.items() if len(found) > 3} == {
        "backwards",
        "both",
        "half",
    }
    assert all(0.34 < share < 0.66 for share in shares["half"])


def test_gibberish_is_of_bits_of_all_words():
    made = [bank().gibberish(Mix(), generator(n)) for n in range(10)]
    assert all(3 * 0.08 * RATE <= len(one.wave) <= 6 * 0.25 * RATE + 6 for one in made)
    assert all(one.end == len(one.wave) for one in made)
    spectra = [torch.fft.rfft(one.wave, 2 * RATE).abs().square() for one in made]
    assert sum(float(s[600:1000].sum()) > 1e4 for s in spectra) > 5
    assert sum(float(s[3800:4200].sum()) > 1e4 for s in spectra) > 5


def test_silence_and_short_backgrounds_do_no_harm():
    dead = Bank(
        Sounds((tone("a", 400),), (tone("c", 900),), (Clip("z", torch.zeros(100), 0, 100),))
    )
    made = dead.streams(Mix(seconds=2.0, noise_share=0.0, babble_share=0.0), 4, generator(0))
    assert torch.isfinite(made.waves).all()
    assert dead.excerpt(5000, generator(0)).shape == (5000,)


def test_narrowband_words_have_nothing_above_a_telephones_band():
    white = Clip("w", torch.randn(RATE, generator=generator("white")), 0, RATE)
    whole = piece_of(white)
    for seed in range(5):
        narrow = streams.narrowband(whole, generator(seed))
        power = torch.fft.rfft(narrow.wave).abs().square()
        assert len(narrow.wave) == len(whole.wave)
        assert narrow.end == whole.end
        assert power[int(len(power) * 0.56) :].sum() < 1e-3 * power.sum()
        assert power[int(len(power) * 0.35) : int(len(power) * 0.44)].sum() > 0.05 * power.sum()


def test_extra_words_are_as_often_as_asked_for():
    sounds = Sounds((tone("a", 400),), (tone("c", 2000),), (tone("z", 50),), (tone("d", 3000),))
    made = Bank(sounds)
    for share, least, most in ((0.0, 0, 0), (0.5, 30, 70), (1.0, 100, 100)):
        draw = generator("strange", str(share))
        chosen = [made.other_word(Mix(extra_share=share), draw) for _ in range(100)]
        assert least <= sum(one is made.extra_others[0][0] for one in chosen) <= most
    assert bank().other_word(Mix(extra_share=1.0), generator(0)) is not None  # of none: no harm


def test_clean_streams_have_next_to_no_background():
    settings = {
        "seconds": 3.0,
        "keyword_share": 0.0,
        "near_miss_share": 0.0,
        "gibberish_share": 0.0,
        "gap": (9.0, 9.0),
    }
    loud, clean = (
        bank().streams(Mix(**settings, snr=(5.0, 5.0), clean_share=share), 4, generator(1))
        for share in (0.0, 1.0)
    )
    for one, other in zip(loud.waves, clean.waves, strict=True):
        faint = [float(wave.abs().median()) for wave in (one, other)]  # between the words
        assert 20 * math.log10(faint[0] / faint[1]) == pytest.approx(55, abs=5)
