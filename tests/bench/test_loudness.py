"""The table of errors by loudness, with an ear that is told what to hear."""

import torch

from tests.data.audio.test_trigger_streams import tone
from tests.helpers.speech import say
from zoo.bench.loudness import HEAD, LEVELS, softer, speech, trigger_word
from zoo.data.audio.trigger_recordings import Clip, Sounds
from zoo.data.audio.utterances import Utterances

TEXTS = ("ab cd", "ab")


def test_rows_count_words_at_each_level_and_waves_are_as_soft_as_they_say():
    part = Utterances.from_waves([say(text) for text in TEXTS], TEXTS, ("x", "x"), 8000)
    heard = []

    def listen(waves):
        heard.append(waves)
        return ["ab"] * len(waves)

    rows = list(speech(part, listen))
    assert [(row.words, row.wrong) for row in rows] == [(3, 1)] * (len(LEVELS) + 1)
    assert all(len(row.cells()) == len(HEAD) for row in rows)
    assert rows[1].cells() == ("deep_speech.fsdd", "-10", "3", "1", "33.33", "-")
    for level, waves in zip((*LEVELS, LEVELS[-1]), heard, strict=True):
        ratio = waves[0].square().mean() / part.wave(0).square().mean()
        assert abs(10 * ratio.log10() - level) < 0.5
    assert torch.equal(heard[-2][0] * 32768, (heard[-2][0] * 32768).round())
    assert len(heard[-1][0].unique()) > 10 * len(heard[-2][0].unique())


def test_a_softer_wave_is_rounded():
    wave = torch.tensor([1.0, 0.5]) / 32768
    assert softer(wave, 0.0).tolist() == [1 / 32768, 0]
    assert torch.allclose(softer(wave, 20.0, rounded=False), 10 * wave)


def test_words_are_missed_and_alarms_are_false():
    noise = 0.01 * torch.randn(80_000, generator=torch.Generator().manual_seed(0))
    room = Clip("room", noise, 0, len(noise))
    sounds = Sounds((tone("a", 400), tone("b", 450)), (tone("c", 2000),), (room,))
    rows = list(
        trigger_word(sounds, lambda waves: [torch.zeros(300)] * len(waves), 0.04, 0.5, 0.01)
    )
    assert [row.level for row in rows] == [str(level) for level in LEVELS]
    assert all(row.wrong == row.words == len(sounds.words) for row in rows)
    always = torch.tensor([0.0, 1.0] * 150)
    rows = list(trigger_word(sounds, lambda waves: [always] * len(waves), 0.04, 0.5, 0.01))
    assert all(row.alarms > 100 and len(row.cells()) == len(HEAD) for row in rows)
