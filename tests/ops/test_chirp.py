"""A sound in words."""

import pytest
import torch

from zoo.errors import BadFile
from zoo.ops.chirp import chirp, description


def test_the_pitch_rises_from_the_first_to_the_second():
    wave = chirp(description(500, 1500, 1.0), 8000)
    assert wave.shape == (8000,)
    assert wave.dtype == torch.float32
    assert 0.49 < wave.max() <= 0.5
    for at, pitch in ((0, 500), (4000, 1000), (7000, 1400)):
        power = torch.fft.rfft(wave[at : at + 800] * torch.hann_window(800)).abs()
        assert abs(int(power.argmax()) * 10 - pitch) <= 60


@pytest.mark.parametrize(
    "text",
    ["", "noise", "a chirp from 1 to 2 Hz in 0 seconds", "a chirp from 1 to 2 Hz in 99 seconds"],
)
def test_what_tells_of_no_chirp_is_refused(text):
    with pytest.raises(BadFile, match="must be like 'a chirp"):
        chirp(text, 8000)
