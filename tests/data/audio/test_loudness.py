"""Levels that are held, and that run: against loops; in blocks."""

import math

import pytest
import torch

from zoo.data.audio.loudness import FAINTEST, FEW_STEPS, RELEASE, Meter, held, running, too_quiet
from zoo.engine.seed import generator


def levels(*shape):
    return 40 * torch.rand(*shape, generator=generator("levels"), dtype=torch.float64) - 60


def test_a_held_level_is_the_median_of_the_last_ones():
    x = levels(2, 50)
    for row, found in zip(x, held(x, 5), strict=True):
        for t, value in enumerate(found):
            last = [float(row[max(0, s)]) for s in range(t - 4, t + 1)]
            assert float(value) == sorted(last)[2]
    assert held(x[:, :0], 5).shape == (2, 0)
    assert torch.equal(held(x, 1), x)


def test_a_running_level_rises_at_once_and_falls_steadily():
    x, expected, level = levels(300), [], -math.inf
    for value in x.tolist():
        level = max(value, level - RELEASE * 0.01)
        expected.append(level)
    assert torch.allclose(running(x, 0.01), torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("size", [1, 7, 200])
def test_a_running_level_of_blocks_is_that_of_the_whole(size):
    x = levels(3, 200)
    parts, before = [], None
    for block in x.split(size, 1):
        parts.append(running(block, 0.01, before))
        before = parts[-1][:, -1]
    assert torch.allclose(torch.cat(parts, 1), running(x, 0.01), atol=1e-9)


def test_what_cannot_be_heard_is_told_in_one_line():
    assert too_quiet(FEW_STEPS) == ""
    assert too_quiet(FAINTEST).startswith("very quiet: its loudest part is at -101 dB")
    assert "-110 dB" in too_quiet(-110.0)
    assert "digital silence" in too_quiet(-math.inf)


def test_a_meter_knows_the_loudest_tenth_of_a_second():
    wave = torch.zeros(8000)
    wave[4000:4800] = 0.1
    meter = Meter(8000)
    assert meter.notice == ""  # nothing came yet
    assert torch.equal(torch.cat(list(meter.over(wave.split(1000)))), wave)
    assert abs(meter.loudest + 20) < 0.1
    silence = Meter(8000)
    list(silence.over([torch.zeros(5), torch.zeros(0)]))
    assert "digital silence" in silence.notice
