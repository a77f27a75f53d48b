"""Samples in memory: every form gives the same wave; what says not what it is, is refused."""

import numpy as np
import pytest
import torch

from zoo.data.audio.read import blocks, resample, write
from zoo.data.audio.samples import are_many, as_wave, checked_blocks, samples, sound_blocks
from zoo.engine.seed import generator
from zoo.errors import BadInput

WAVE = (torch.rand(4000, generator=generator("samples")) - 0.5).mul(32768).round() / 32768
FORMS = {
    "float32": WAVE,
    "float64 array": WAVE.double().numpy(),
    "big endian": WAVE.numpy().astype(">f4"),
    "int16": (WAVE * 2**15).short().numpy(),
    "int16 tensor": (WAVE * 2**15).short(),
    "int32": (WAVE * 2**31).double().numpy().astype(np.int32),
    "two channels": torch.stack([WAVE, WAVE]),
    "channels last": torch.stack([WAVE, WAVE], 1).numpy(),
    "reversed": WAVE.numpy()[::-1][::-1],
    "gradients": WAVE.clone().requires_grad_(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_wave(form):
    raw = FORMS[form]
    given = [
        ((raw, 8000), None),
        ((np.int64(8000), raw), None),
        ([8000.0, raw], 1),  # a list is many sounds
        ({"array": raw, "sampling_rate": 8000, "path": "x.wav"}, None),
        (raw, 8000),
        ({"array": raw, "sampling_rate": 8000}, 8000),
    ]
    for sound, rate in given:
        if isinstance(sound, list):
            assert are_many(sound)
            continue
        assert not are_many(sound)
        wave, own = samples(sound, rate)
        assert own == 8000
        assert wave.dtype == torch.float32
        assert torch.equal(wave, WAVE)


def test_bytes_lie_around_128():
    assert as_wave(np.array([0, 128, 255], np.uint8)).tolist() == [-1, 0, 127 / 128]
    assert as_wave(np.array([-128, 0, 127], np.int8)).tolist() == [-1, 0, 127 / 128]


def test_channels_are_averaged():
    stereo = torch.stack([WAVE, torch.zeros(4000)])
    assert torch.allclose(as_wave(stereo), WAVE / 2)
    assert torch.allclose(as_wave(stereo.T), WAVE / 2)


def test_blocks_are_those_of_a_file(tmp_path):
    write(tmp_path / "x.wav", WAVE, 8000)
    of_file = list(blocks(tmp_path / "x.wav", 16_000, 0.1))
    for sound in (tmp_path / "x.wav", (WAVE, 8000), (8000, FORMS["int16"])):
        found = list(sound_blocks(sound, 16_000, 0.1))
        assert [len(block) for block in found] == [len(block) for block in of_file]
        assert torch.allclose(torch.cat(found), resample(WAVE, 8000, 16_000), atol=1e-5)


def test_live_blocks_are_scaled():
    found = list(checked_blocks([FORMS["int16"][:100], WAVE[100:]]))
    assert torch.equal(torch.cat(found), WAVE)


NOT_FINITE = torch.tensor([0.0, 1.0, float("inf")])


@pytest.mark.parametrize(
    ("raw", "rate", "said"),
    [
        (WAVE, None, "4,000 samples do not tell how many are a second"),
        (WAVE.numpy(), None, "rate=16000"),
        (WAVE * 32768, 8000, "divide by the full scale"),
        (np.full(100, 200.0), 8000, "floats up to 200"),
        (NOT_FINITE, 8000, "sample 2 is inf"),
        (WAVE.long(), 8000, "int64 samples do not tell their full scale"),
        (WAVE.bool(), 8000, "bool samples"),
        (np.zeros(5, complex), 8000, "complex128"),
        (np.array(["a", "b"]), 8000, "are not known"),
        (np.array([None, 1.0]), 8000, "object"),
        (torch.zeros(100, 100), 8000, r"at most 8 channels and more samples, got \(100, 100\)"),
        (torch.zeros(2, 2), 8000, r"got \(2, 2\)"),
        (torch.zeros(1, 2, 400), 8000, r"got \(1, 2, 400\)"),
        (torch.tensor(0.5), 8000, r"got \(\)"),
        ((WAVE, 8000), 16_000, "says 8000 samples a second, rate= says 16000"),
        ((WAVE, 12), None, "rate 12; expected"),
        ((WAVE, 10**12), None, "a whole number from 1,000 to 1,000,000"),
        ((WAVE, 8000.5), None, "rate 8000.5"),
        (WAVE, float("nan"), "rate nan"),
        (WAVE, True, "rate True"),
        (WAVE, "8000", "rate '8000'"),
        ({"array": WAVE}, None, "dictionary with array and sampling_rate, got array"),
        ({}, None, "got nothing"),
        (7, 8000, "got int"),
        (None, None, "got NoneType"),
    ],
)
def test_what_does_not_say_what_it_is_is_refused_in_one_line(raw, rate, said):
    with pytest.raises(BadInput, match=said) as caught:
        list(sound_blocks(raw, 8000, 1.0, rate))
    assert "\n" not in str(caught.value)


def test_a_file_has_its_own_rate(tmp_path):
    write(tmp_path / "x.wav", WAVE, 8000)
    with pytest.raises(BadInput, match="a sound file has its own rate"):
        list(sound_blocks(str(tmp_path / "x.wav"), 8000, 1.0, 8000))


def test_a_decoder_may_overshoot_a_little():
    assert float(as_wave(WAVE * 2.2).abs().max()) > 1
