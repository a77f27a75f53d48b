"""Spectra, mel bands, cepstra against torchaudio; the log-mel front end in chunks and batches."""

import pytest
import torch
import torchaudio.functional as AF
import torchaudio.transforms as T

from zoo.engine.seed import generator
from zoo.errors import BadInput, UnknownName
from zoo.ops.audio import frames, spectrogram
from zoo.ops.mel import cosines, decibels, deltas, mel_filters, mfcc, to_hertz, to_mel

BOUND = {torch.float32: 1e-5, torch.float64: 1e-9}
SHAPES = [(400, 160, 512), (200, 80, 200), (401, 100, 512), (256, 256, 301)]  # window, hop, fft


@pytest.fixture(params=BOUND, ids=["float32", "float64"])
def dtype(request):
    """torchaudio makes its windows and filters in the default type."""
    torch.set_default_dtype(request.param)
    yield request.param
    torch.set_default_dtype(torch.float32)


def noise(*shape, seed=0):
    return torch.rand(*shape, generator=generator("noise", seed)).mul(2).sub(1)


def near(ours, theirs, dtype):
    """Within the bound, relative to the largest value there is."""
    assert ours.dtype == theirs.dtype == dtype
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() <= BOUND[dtype] * theirs.abs().max()


@pytest.mark.parametrize(("window", "hop", "fft"), SHAPES)
@pytest.mark.parametrize("power", [1.0, 2.0])
@pytest.mark.parametrize("center", [False, True])
def test_the_spectrogram_is_torchaudios(window, hop, fft, power, center, dtype):
    wave = noise(2, 3, 3001)
    theirs = T.Spectrogram(fft, window, hop, power=power, center=center)
    spare = fft - window  # theirs looks for fft samples and weighs the middle ones
    padded = wave if center else torch.nn.functional.pad(wave, (spare // 2, spare - spare // 2))
    near(spectrogram(wave, window, hop, fft, power, center), theirs(padded).mT, dtype)


def test_a_spectrogram_has_a_frame_for_each_whole_window():
    for n in (0, 1, 399, 400, 559, 560, 16000):
        got = spectrogram(torch.zeros(2, n), 400, 160, 512)
        assert got.shape == (2, frames(n, 400, 160), 257)
    assert [frames(n, 400, 160) for n in (399, 400, 559, 560)] == [0, 1, 1, 2]
    assert spectrogram(torch.zeros(16000), 400, 160, 512, center=True).shape == (101, 257)


def test_the_course_clip_has_5511_frames_of_101_bins():
    assert spectrogram(torch.zeros(441_000), 200, 80, 200).shape == (5511, 101)
    assert spectrogram(torch.zeros(441_000), 200, 80, 200, center=True).shape[0] == 5513


def test_a_tone_is_where_its_frequency_says():
    wave = torch.sin(2 * torch.pi * 1000 * torch.arange(16000) / 16000)
    assert (spectrogram(wave, 400, 160, 512).argmax(-1) == 1000 * 512 // 16000).all()


def test_centred_frames_of_a_padded_wave_leak_and_ours_do_not():
    """The trap: the last frames of an utterance alone and in a padded batch."""
    alone = noise(4000)
    padded = torch.nn.functional.pad(alone, (0, 3000))
    centred = [
        spectrogram(w, 400, 160, 512, center=True)[: 4000 // 160 + 1] for w in (alone, padded)
    ]
    assert (centred[0] - centred[1]).abs().amax(-1).gt(1).sum() == 2  # frames that differ: the last
    ours = spectrogram(alone, 400, 160, 512)
    assert torch.equal(ours, spectrogram(padded, 400, 160, 512)[: len(ours)])


@pytest.mark.parametrize("scale", ["htk", "slaney"])
@pytest.mark.parametrize("equal_area", [False, True])
@pytest.mark.parametrize(("low", "high"), [(0.0, None), (20.0, 7600.0)])
def test_mel_filters_are_torchaudios(scale, equal_area, low, high, dtype):
    theirs = AF.melscale_fbanks(
        257, low, high or 8000.0, 40, 16000, "slaney" if equal_area else None, scale
    )
    near(mel_filters(16000, 512, 40, low, high, scale, equal_area).to(dtype), theirs, dtype)


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_mel_goes_there_and_back(scale):
    hertz = torch.linspace(0, 20_000, 99, dtype=torch.float64)
    assert torch.allclose(to_hertz(to_mel(hertz, scale), scale), hertz, atol=1e-9)
    assert (to_mel(hertz, scale).diff() > 0).all()


@pytest.mark.parametrize("top", [None, 30.0])
def test_decibels_are_torchaudios(top, dtype):
    power = noise(50, 20).abs() ** 8
    theirs = AF.amplitude_to_DB(power.mT, 10.0, 1e-10, 0.0, top).mT
    near(decibels(power, top=top), theirs, dtype)


def test_decibels_of_a_batch_are_those_of_each():
    power = noise(3, 50, 20).square() * torch.tensor([1e-6, 1.0, 1e4])[:, None, None]
    for one, many in zip(power, decibels(power, top=20.0), strict=True):
        assert torch.equal(decibels(one, top=20.0), many)
    assert decibels(torch.zeros(2, 0, 5), top=20.0).shape == (2, 0, 5)


@pytest.mark.parametrize("logs", [False, True])
def test_mfcc_is_torchaudios(logs, dtype):
    wave = noise(4000)
    mel = {"n_fft": 400, "hop_length": 160, "n_mels": 40, "center": False}
    theirs = T.MFCC(16000, 13, log_mels=logs, melkwargs=mel)(wave).mT
    power = spectrogram(wave, 400, 160, 400) @ mel_filters(16000, 400, 40).to(dtype)
    levels = torch.log(power + 1e-6) if logs else decibels(power, top=80.0)
    near(mfcc(levels), theirs, dtype)


def test_the_cosines_are_orthonormal():
    all_of_them = cosines(40, 40)
    assert torch.allclose(all_of_them.T @ all_of_them, torch.eye(40, dtype=torch.float64))


@pytest.mark.parametrize("reach", [1, 2, 4])
def test_deltas_are_torchaudios(reach, dtype):
    features = noise(2, 3, 17, 5)
    near(deltas(features, reach), AF.compute_deltas(features.mT, 2 * reach + 1).mT, dtype)


def test_deltas_of_a_straight_line_are_its_slope():
    line = 3.0 * torch.arange(20.0)[:, None]
    assert torch.allclose(deltas(line)[2:-2], torch.tensor(3.0))


def test_what_cannot_be_is_refused():
    with pytest.raises(BadInput, match=r"must be floats in -1\.\.1, got torch.int16"):
        spectrogram(torch.zeros(800, dtype=torch.int16), 400, 160, 512)
    with pytest.raises(BadInput, match="win_length 600, hop_length 160, n_fft 512"):
        spectrogram(torch.zeros(800), 600, 160, 512)
    with pytest.raises(BadInput, match="256 samples; center needs more than 256"):
        spectrogram(torch.zeros(256), 400, 160, 512, center=True)
    with pytest.raises(UnknownName, match="did you mean slaney"):
        mel_filters(16000, 512, 40, scale="slany")
    with pytest.raises(BadInput, match="mel bands from 20 to 9000"):
        mel_filters(16000, 512, 40, 20, 9000)
    with pytest.raises(BadInput, match="41 cepstral coefficients of 40 bands"):
        mfcc(torch.zeros(5, 40), 41)
    with pytest.raises(BadInput, match="deltas of 0 frames"):
        deltas(torch.zeros(0, 4))
