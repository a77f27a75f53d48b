"""The table of recognition in noise, with an ear that is told what to hear."""

import torch

from tests.helpers.speech import say
from zoo.bench.noise import AROUND, HEAD, LEVELS, RATE, SLOPES, SNRS, rows
from zoo.data.audio.utterances import Utterances

TEXTS = ("ab cd", "ab")


def part():
    return Utterances.from_waves([say(text) for text in TEXTS], TEXTS, ("x", "x"), RATE)


def made(hear):
    heard = []

    def listen(waves):
        heard.append(waves)
        return hear(waves)

    return list(rows(part(), listen)), heard


def test_rows_count_words_that_are_wrong_and_words_that_nobody_said():
    found, _ = made(lambda waves: ["ab"] * len(waves))
    assert [row.words for row in found] == [3] * (2 + len(SNRS)) + [0]
    assert [row.wrong for row in found] == [1] * (2 + len(SNRS)) + [len(SLOPES) * len(LEVELS)]
    assert found[0].cells() == ("as in the test set", "3", "1", "33.33")
    assert found[-1].cells()[3] == "-"
    assert all(len(row.cells()) == len(HEAD) for row in found)


def test_what_is_heard_is_as_noisy_as_the_row_says():
    _, heard = made(lambda waves: [""] * len(waves))
    first, wide, noisy = heard[0][0], heard[1][0], heard[2 : 2 + len(SNRS)]
    margin = round(AROUND * RATE)
    assert torch.equal(wide[margin:-margin], first)
    assert not wide[:margin].any()
    for snr, waves in zip(SNRS, noisy, strict=True):
        noise = waves[0] - wide
        ratio = first.square().mean() / noise.square().mean()
        assert abs(10 * torch.log10(ratio) - snr) < 2  # of what is active, which is most of it
    levels = [10 * torch.log10(wave.square().mean()) for wave in heard[-1]]
    assert torch.allclose(torch.tensor(levels), torch.tensor([*LEVELS] * len(SLOPES)).float())
