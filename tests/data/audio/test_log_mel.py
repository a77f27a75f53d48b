"""Log-mel features: torchaudio's, the same in streams and batches, and back from a card."""

import math
from dataclasses import replace

import pytest
import torch
import torchaudio.transforms as T

from tests.ops.test_audio import near, noise
from zoo.data.audio.log_mel import LEVELLING, LogMel
from zoo.data.audio.loudness import FAINTEST
from zoo.engine.seed import generator
from zoo.errors import BadFile, BadInput


@pytest.fixture(params=[torch.float32, torch.float64], ids=["float32", "float64"])
def dtype(request):
    """torchaudio makes its windows and filters in the default type."""
    torch.set_default_dtype(request.param)
    yield request.param
    torch.set_default_dtype(torch.float32)


def test_log_mel_is_torchaudios(dtype):
    wave = noise(2, 8000)
    theirs = T.MelSpectrogram(16000, 512, 400, 160, 20.0, n_mels=40, center=False)
    power = theirs(torch.nn.functional.pad(wave, (56, 56))).mT
    near(LogMel()(wave), torch.log(power + 1e-6), dtype)
    shifted = LogMel(mean=-3.0, std=2.0)(wave)
    near(shifted, (torch.log(power + 1e-6) + 3) / 2, dtype)


@pytest.mark.parametrize("levelling", ["none", "running"])
@pytest.mark.parametrize(("window", "hop"), [(400, 160), (400, 400), (320, 1), (400, 1400)])
def test_chunks_of_any_size_give_the_features_of_the_whole(window, hop, levelling):
    front = LogMel(win_length=max(window, hop), hop_length=hop, n_fft=2048, levelling=levelling)
    wave = noise(2, 3000 if hop == 1 else 20_000)
    draw = generator("chunks", hop)
    whole, got, tail, at = front(wave), [], None, 0
    while at < wave.shape[-1]:
        size = int(torch.randint(0, 900, (), generator=draw))
        features, tail = front.stream(wave[:, at : at + size], tail)
        assert tail.samples.shape[-1] < max(window, hop)
        got.append(features)
        at += size
    assert torch.cat(got, 1).shape == whole.shape
    assert torch.allclose(torch.cat(got, 1), whole, atol=1e-5)


@pytest.mark.parametrize("levelling", LEVELLING)
def test_a_batch_of_waves_is_each_alone_whatever_pads_it(levelling):
    front, lengths = LogMel(levelling=levelling), (16_000, 9001, 2000, 400, 399, 0)
    counts = torch.tensor([front.frames(n) for n in lengths])
    waves = [noise(n, seed=n) for n in lengths]
    for pad in (0.0, 1.0):
        batch = torch.full((len(waves), 17_000), pad)
        for row, wave in zip(batch, waves, strict=True):
            row[: len(wave)] = wave
        for row, wave in zip(front(batch, counts), waves, strict=True):
            assert front(wave).shape[0] == front.frames(len(wave))
            assert torch.allclose(row[: front.frames(len(wave))], front(wave), atol=1e-5)


def test_silence_is_finite_and_the_gradient_too():
    wave = torch.zeros(1000, requires_grad=True)
    features = LogMel()(wave)
    features.sum().backward()
    assert features.isfinite().all()
    assert wave.grad.isfinite().all()


def test_training_works_after_predicting_filled_the_cache():
    with torch.inference_mode():
        front = LogMel(n_mels=33)  # bands of no other test
    wave = noise(1000).double().requires_grad_()
    front(wave).sum().backward()  # uses the cache as it is
    assert wave.grad.abs().max() > 0


def test_a_front_end_comes_back_from_its_card():
    front = LogMel(8000, 200, 80, 256, 30, 60.0, 3800.0, -4.5, 2.25, 1e-8)
    record = front.to_card()
    assert LogMel.from_card(record) == front
    assert LogMel.from_card(LogMel().to_card()) == LogMel()
    assert front.hop_seconds == 0.01
    for broken in (
        {},
        {**record, "more": 1},
        {**record, "sample_rate": None},
        {**record, "std": "x"},
        {**record, "f_max": 9000.0},
        {**record, "sample_rate": 10**400},
        {**record, "std": 10**400},
        {**record, "n_fft": [4]},
        None,
    ):
        with pytest.raises(BadFile, match="not a LogMel"):
            LogMel.from_card(broken)


def test_the_level_of_a_frame_rises_with_the_sound_whatever_the_normalisation():
    wave = 0.1 * torch.randn(8000, generator=generator(0))
    plain = LogMel(n_mels=24)
    one = plain.level(plain(wave))
    other = LogMel(n_mels=24, mean=-4.0, std=3.0)
    assert torch.allclose(other.level(other(wave)), one, atol=1e-3)
    assert torch.allclose(plain.level(plain(10 * wave)), one + 20, atol=0.01)
    assert one.shape == (plain.frames(8000),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hop_length": 500},
        {"levelling": "x"},
        {"std": 0.0},
        {"floor": 0.0},
        {"n_mels": 0},
        {"f_max": 9000.0},
        {"n_fft": 10**12},
        {"n_fft": 65_537},
        {"n_mels": 10**9},
        {"sample_rate": 10**12},
        {"sample_rate": 0},
        {"mean": float("nan")},
        {"mean": float("inf")},
        {"floor": float("inf")},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(BadInput):
        LogMel(**wrong)


def word_in_silence():
    """Half a second of a sound that swells, between silences."""
    wave = noise(24_000, seed=3) * 1e-3
    wave[8000:16_000] += noise(8000, seed=4) * torch.hann_window(8000)
    return wave / 4


@pytest.mark.parametrize("levelling", ["utterance", "running"])
def test_levelled_features_do_not_depend_on_how_loud_the_sound_is(levelling):
    front, wave = LogMel(levelling=levelling), word_in_silence()
    features = front(wave)
    for decibels in (-60, -20, 20):
        softer = front(wave * 10 ** (decibels / 20))
        quietest = front.loudness(front.power(wave[:8000])) + decibels
        if levelling == "utterance" or quietest > FAINTEST:
            assert torch.allclose(softer, features, atol=1e-3)
    assert not torch.allclose(LogMel()(wave / 10), LogMel()(wave), atol=0.1)


def test_the_loudest_part_of_an_utterance_has_power_one():
    front, wave = LogMel(levelling="utterance"), word_in_silence()
    levels = front.level(front(wave))
    assert abs(float(levels.max())) < 2  # dB: it swells
    front = replace(front, mean=-3.0, std=2.0)
    assert torch.allclose(front.level(front(wave)), levels, atol=1e-3)
    clicked = wave.clone()
    clicked[4000:4010] = 1.0  # 40 dB louder than anything, but shorter than a sound
    assert torch.allclose(front(clicked)[50:], front(wave)[50:], atol=1e-3)


def test_what_16_bits_cannot_hold_is_not_made_louder():
    for levelling in ("utterance", "running"):
        front = LogMel(levelling=levelling)
        faint = front.level(front(1e-7 * noise(16_000)))
        assert float(faint.max()) < -30
        assert torch.allclose(front(torch.zeros(4000)), torch.tensor(front.floor).log())


def test_noise_has_the_level_of_its_root_mean_square_and_silence_none():
    front = LogMel()
    for scale in (1.0, 0.01):
        wave = scale * torch.randn(16_000, generator=generator("level"))
        found = float(front.loudness(front.power(wave)))
        assert abs(found - 20 * math.log10(scale)) < 1
    assert float(front.loudness(front.power(torch.zeros(2, 800)))[1]) == -math.inf
    assert float(front.loudness(front.power(torch.zeros(8)))) == -math.inf


def test_the_level_of_an_utterance_is_not_known_before_its_end():
    with pytest.raises(BadInput, match="no stream"):
        LogMel(levelling="utterance").stream(torch.zeros(800))


def test_a_card_without_levelling_is_read_as_it_was():
    record = LogMel(8000, 200, 80, 256).to_card()
    del record["levelling"]
    assert LogMel.from_card(record) == LogMel(8000, 200, 80, 256, levelling="none")
