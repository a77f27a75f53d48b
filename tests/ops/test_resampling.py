"""Resampling by the formula against torchaudio, and where torchaudio's filter would not fit."""

import pytest
import torch
import torchaudio.functional as AF

from zoo.engine.seed import generator
from zoo.ops.resampling import AT_ONCE, sinc_resample

RATIOS = [(441, 160), (1, 2), (2, 1), (160, 441), (9, 10), (640, 441), (97, 100), (6, 1)]


@pytest.mark.parametrize(("o", "n"), RATIOS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_is_torchaudios(o, n, dtype):
    wave = torch.rand(2, 3001, generator=generator(o, n), dtype=dtype) - 0.5
    theirs = AF.resample(wave.double(), o, n)  # in float32 its weights are wrong by 1e-4 at worst
    ours = sinc_resample(wave, o, n)
    assert ours.shape == theirs.shape
    assert ours.dtype == dtype
    assert (ours - theirs).abs().max() < (1e-5 if dtype == torch.float32 else 1e-9)


@pytest.mark.parametrize("m", [0, 1, 2, AT_ONCE // 2, AT_ONCE // 2 + 1])
def test_any_length_is_resampled(m):
    wave = torch.rand(m, generator=generator(m))
    ours = sinc_resample(wave, 1, 2)
    assert ours.shape == (2 * m,)
    if m:
        assert torch.allclose(ours, AF.resample(wave, 1, 2), atol=1e-5)


def test_a_ratio_of_large_numbers_keeps_a_tone():
    tone = torch.sin(2 * torch.pi * 440 * torch.arange(44101, dtype=torch.float64) / 44101)
    ours = sinc_resample(tone, 44101, 16000)
    wanted = torch.sin(2 * torch.pi * 440 * torch.arange(16000, dtype=torch.float64) / 16000)
    assert (ours - wanted)[100:-100].abs().max() < 1e-3
