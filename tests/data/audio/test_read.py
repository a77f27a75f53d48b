"""Sound files: every kind, every way to be broken, in pieces as in one, and without soundfile."""

import builtins
import io
import itertools
import resource
import struct
import sys
import tracemalloc
import types
import wave as pcm
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import torchaudio.functional as AF

from zoo.data.audio.formats import from_pcm, opened
from zoo.data.audio.read import PIECE, _resampler, blocks, raw_blocks, read, resample, write
from zoo.engine.seed import generator
from zoo.errors import BadFile, BadInput, Missing

RATE = 16000
PCM = {"PCM_U8": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4}  # bytes of a sample
CUT = {"WAV": "is cut short", "FLAC": "cannot be read", "OGG": "is cut short"}


def sound(n=4000, seed=0, loud=0.5):
    return (torch.rand(n, generator=generator("sound", seed)) - 0.5) * 2 * loud


def encoded(wave, kind="WAV", subtype=None, rate=RATE):
    """Bytes of a file; a wave (n,) or (n, channels)."""
    out = io.BytesIO()
    soundfile.write(out, np.asarray(wave), rate, format=kind, subtype=subtype)
    return out.getvalue()


def header(size, kind=1, channels=1, rate=RATE, bits=16):
    """The 44 bytes before ``size`` bytes of sound, right or wrong."""
    a_sample = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * a_sample, a_sample, bits)
    return (
        b"RIFF"
        + struct.pack("<I", (36 + size) % 2**32)
        + b"WAVEfmt \x10\0\0\0"
        + form
        + (b"data" + struct.pack("<I", size))
    )


@pytest.fixture
def no_soundfile(monkeypatch):
    """As if soundfile were not installed."""
    real = builtins.__import__

    def blocked(name, *rest):
        if name == "soundfile":
            raise ImportError("No module named 'soundfile'")
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "soundfile", raising=False)
    monkeypatch.setattr(builtins, "__import__", blocked)


@pytest.mark.parametrize("subtype", [*PCM, "FLOAT", "DOUBLE"])
def test_wav_of_any_width_is_read_to_its_own_precision(subtype):
    step = 2.0 ** (1 - 8 * PCM.get(subtype, 4))
    wave, rate = read(encoded(sound(), subtype=subtype))
    assert (rate, wave.dtype, wave.shape) == (RATE, torch.float32, (4000,))
    assert (wave - sound()).abs().max() <= step


@pytest.mark.parametrize("kind", ["FLAC", "OGG", "MP3"])
def test_flac_ogg_and_mp3_are_read(kind, tmp_path):
    n = PIECE + 8000  # read in two pieces, whose joint an mp3 would show
    tone = 0.5 * torch.sin(2 * torch.pi * 440 * torch.arange(n) / RATE)
    path = tmp_path / "some.name"
    path.write_bytes(encoded(tone, kind))
    wave, rate = read(path)
    assert (rate, len(wave)) == (RATE, n)
    assert (wave - tone)[500:-500].abs().max() < (1e-4 if kind == "FLAC" else 0.05)
    at_once = torch.from_numpy(soundfile.read(path, dtype="float32")[0])
    assert torch.allclose(wave, at_once, atol=1e-6)
    assert torch.equal(read(path.read_bytes())[0], wave)
    assert torch.equal(torch.cat(list(blocks(str(path), RATE, 0.07))), wave)
    with opened(path) as small:
        assert torch.allclose(torch.cat(list(small.pieces(1000))), wave, atol=1e-6)


def test_stereo_is_the_mean_of_its_channels():
    left, right = sound(seed=1), sound(seed=2)
    wave, _ = read(encoded(torch.stack([left, right], 1), subtype="FLOAT"))
    assert torch.allclose(wave, (left + right) / 2, atol=1e-7)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 96000, 44056])
def test_any_rate_is_resampled_and_blocks_equal_the_whole(rate):
    data = encoded(sound(rate // 2), rate=rate)
    original, kept = read(data)
    assert kept == rate
    whole, new = read(data, RATE)
    assert new == RATE
    if rate != 44056:  # theirs would be 11 million weights
        assert torch.allclose(whole, AF.resample(original, rate, RATE), atol=1e-6)
    for seconds in (0.02, 0.1337, 0.25, 9.0):
        parts = list(blocks(data, RATE, seconds))
        assert {len(part) for part in parts[:-1]} <= {round(seconds * RATE)}
        assert 0 < len(parts[-1]) <= round(seconds * RATE)
        joined = torch.cat(parts)
        assert joined.shape == whole.shape
        assert torch.allclose(joined, whole, atol=1e-5)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 160, 441, 442])
@pytest.mark.parametrize("rate", [8000, RATE, 44100])
def test_the_shortest_sounds_are_what_they_are(n, rate):
    data = encoded(sound(n), rate=rate)
    wave, _ = read(data, RATE)
    assert wave.shape == (-(-n * RATE // rate),)
    parts = list(blocks(data, RATE, 0.001))
    assert all(len(part) for part in parts)
    assert torch.allclose(torch.cat([torch.zeros(0), *parts]), wave, atol=1e-5)


def test_resampling_keeps_a_tone_and_leaves_leading_dimensions():
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(44100) / 44100)
    ours = resample(tone.expand(2, 3, -1), 44100, RATE)
    assert ours.shape == (2, 3, RATE)
    wanted = torch.sin(2 * torch.pi * 1000 * torch.arange(RATE) / RATE)
    assert (ours - wanted)[..., 100:-100].abs().max() < 1e-3
    assert resample(tone, 44100, 44100) is tone


@pytest.mark.parametrize("error", [RuntimeError, ImportError, OSError])
def test_a_torchaudio_that_does_not_import_is_one_line(error, monkeypatch):
    class Broken(types.ModuleType):
        def __getattr__(self, name):
            raise error("built for CUDA 13.0\nand a trace")

    monkeypatch.setitem(sys.modules, "torchaudio", Broken("torchaudio"))
    monkeypatch.delitem(sys.modules, "torchaudio.transforms", raising=False)
    _resampler.cache_clear()
    with pytest.raises(Missing, match=r"8000 to 16000 Hz needs torchaudio, .*give sound of") as got:
        read(encoded(sound(), rate=8000), RATE)
    assert "\n" not in str(got.value)
    assert len(read(encoded(sound()), RATE)[0]) == 4000  # the same rate needs none


def test_rates_that_cannot_be_resampled_are_refused():
    with pytest.raises(BadInput, match="rates are above 0"):
        resample(sound(), 8000, 0)
    with pytest.raises(BadInput, match="expected at least one sample"):
        list(blocks(encoded(sound()), RATE, 0.0))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 23_000.0])
def test_samples_that_are_no_numbers_or_not_scaled_are_named(value):
    wave = sound()
    wave[3210] = value
    with pytest.raises(BadFile, match=r"sample 3,210 \(at 0.201 s\) is .*expected"):
        read(encoded(wave, subtype="FLOAT"))
    later = torch.cat([sound(PIECE), wave])
    given = blocks(encoded(later, subtype="FLOAT"), RATE, 1.0)
    assert len(next(given)) == RATE  # the blocks before are good
    with pytest.raises(BadFile, match=f"sample {PIECE + 3210:,}"):
        list(given)


def test_a_double_too_large_for_a_float_is_infinite():
    with pytest.raises(BadFile, match=r"sample 1 .* is inf"):
        read(encoded(np.array([0.0, 1e300]), subtype="DOUBLE"))


@pytest.mark.parametrize("kind", CUT)
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_file_that_is_cut_short_is_refused(kind, share):
    data = encoded(sound(RATE), kind)
    assert len(read(data)[0]) == RATE
    cut = data[: int(share * len(data))]
    with pytest.raises(BadFile, match=CUT[kind]):
        read(cut)
    with pytest.raises(BadFile, match=CUT[kind]):
        list(blocks(cut, RATE))


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3", "AIFF"])
@pytest.mark.parametrize("bytes_left", [1, 4, 11, 13, 30, 43])
def test_a_header_that_is_cut_is_one_line(kind, bytes_left, monkeypatch):
    inside = []  # errors within libsndfile's callbacks, which are printed and not raised
    monkeypatch.setattr(sys, "unraisablehook", inside.append)
    with pytest.raises(BadFile) as got:
        read(encoded(sound(), kind)[:bytes_left])
    assert "\n" not in str(got.value)
    assert inside == []  # AIFF: a seek before the start


def test_wavs_that_never_learned_their_length_are_read_to_the_end():
    data = sound().mul(32767).short().numpy().tobytes()
    for size in (0xFFFFFFFF, 0x7FFFFFF0, 0x80000000, len(data), len(data) + 44):
        assert len(read(header(size) + data)[0]) == 4000
    with pytest.raises(BadFile, match="was not closed by what recorded it: 8,000 bytes"):
        read(header(0) + data)
    assert len(read(header(0))[0]) == 0


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3", "wav without soundfile"])
def test_a_segment_is_the_part_of_the_whole_that_it_says(kind, request):
    if kind == "wav without soundfile":
        request.getfixturevalue("no_soundfile")
    data = encoded(sound(5 * RATE), kind.split()[0].upper())
    whole, _ = read(data)
    for offset, duration in ((0.0, 0.5), (0.25, 1.0), (4.5, 1.0), (3.0, None), (4.99999, 0.3)):
        first = round(offset * RATE)
        last = len(whole) if duration is None else first + round(duration * RATE)
        part, rate = read(data, None, offset, duration)
        assert rate == RATE
        assert torch.allclose(part, whole[first:last], atol=2e-4 if kind == "OGG" else 1e-6)
    assert len(read(data, None, 100.0, 1.0)[0]) == 0
    assert len(read(data, 8000, 1.0, 1.0)[0]) == 8000


def test_a_segment_is_found_by_a_seek_not_by_reading_up_to_it():
    with opened(encoded(sound(20 * RATE))) as file:
        asked = []
        seeking = replace(file, take=lambda n: asked.append(n) or file.take(n))
        assert sum(len(part) for part in seeking.pieces(PIECE, 19 * RATE, 1000)) == 1000
    assert sum(asked) == 1000


def test_bytes_that_are_no_sound_are_one_line(tmp_path):
    text = tmp_path / "text.wav"
    text.write_text("This is not a sound.\n" * 100)
    (tmp_path / "empty.wav").touch()
    cases = {
        text: "text.wav cannot be read as sound: Format not recognised; expected wav, flac",
        tmp_path / "empty.wav": "empty.wav is empty",
        tmp_path: "is a folder; expected a sound file",
        b"": "the sound is empty",
        "a\0b": r"cannot read a\x00b",
        header(8, channels=0) + bytes(8): "Channel count is zero",
        header(8, rate=20) + bytes(8): "20 samples a second",
        header(8, kind=999) + bytes(8): "cannot be read as sound",
    }
    for source, message in cases.items():
        with pytest.raises(BadFile) as got:
            read(source)
        assert message in str(got.value)
        assert "\n" not in str(got.value)
    with pytest.raises(Missing, match=r"there is no file .*nowhere\.wav"):
        read(tmp_path / "nowhere.wav")
    with pytest.raises(Missing, match="there is no file"):
        next(blocks(tmp_path / "nowhere.wav", RATE))


def test_a_name_that_ends_in_raw_does_not_matter(tmp_path):
    path = tmp_path / "x.raw"
    path.write_bytes(encoded(sound()))
    assert len(read(path)[0]) == 4000


@pytest.mark.parametrize("subtype", PCM)
@pytest.mark.parametrize("channels", [1, 2])
def test_without_soundfile_pcm_wavs_are_the_same_samples(subtype, channels, request):
    data = encoded(sound(4000 * channels).view(4000, channels), subtype=subtype)
    wanted, _ = read(data)
    request.getfixturevalue("no_soundfile")
    wave, rate = read(data)
    assert rate == RATE
    assert torch.equal(wave, wanted)
    assert torch.equal(torch.cat(list(blocks(data, RATE, 0.1))), wanted)


def test_without_soundfile_other_kinds_say_what_to_install(request):
    kinds = [("FLAC", None), ("OGG", None), ("MP3", None), ("WAV", "FLOAT")]
    files = [encoded(sound(), *kind) for kind in kinds]
    request.getfixturevalue("no_soundfile")
    for data in files:
        with pytest.raises(Missing, match=r"needs soundfile, .*\(pip install soundfile\)"):
            read(data)
    with pytest.raises(BadFile, match="cannot be read as sound"):
        read(header(8, channels=0) + bytes(8))
    with pytest.raises(BadFile, match="cut short"):
        read(header(9000) + bytes(800))


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "a.wav"
    wave = torch.cat([sound(loud=1.0), torch.tensor([1.0, -1.0, 1.7, -1.7])])
    write(path, wave, 22050)
    back, rate = read(path)
    assert rate == 22050
    assert (back - wave.clamp(-1, 1)).abs().max() <= 2.0**-15
    write(path, back, 22050)
    assert torch.equal(read(path)[0], back)  # nothing is lost the second time
    with pcm.open(str(path)) as file:
        assert file.getparams()[:4] == (1, 2, 22050, 4004)
    write(path, torch.zeros(0), RATE)
    assert len(read(path)[0]) == 0
    for wrong in (
        torch.zeros(2, 5),
        torch.zeros(5, dtype=torch.int16),
        torch.tensor([0.0, torch.nan]),
    ):
        with pytest.raises(BadInput, match="a wave to write"):
            write(path, wrong, RATE)


class Dribble(io.RawIOBase):
    """A pipe that gives what it likes, at most what is asked for."""

    def __init__(self, data):
        self.data, self.sizes = data, itertools.cycle([1, 7, 300, 2])

    def read(self, size=-1):
        size = min(size, next(self.sizes))
        given, self.data = self.data[:size], self.data[size:]
        return given


@pytest.mark.parametrize("stream", [io.BytesIO, Dribble])
def test_raw_blocks_are_16_bits_little_endian(stream):
    values = np.array([0, 1, -1, 32767, -32768, *range(500)], "<i2")
    parts = list(raw_blocks(stream(values.tobytes() + b"\x05"), RATE, 0.01))
    assert [len(part) for part in parts] == [160, 160, 160, 25]
    assert np.array_equal(torch.cat(parts).numpy() * 32768, values)
    assert list(raw_blocks(stream(b""), RATE)) == []
    assert list(raw_blocks(stream(b"\x01"), RATE)) == []


def test_pcm_widths_agree():
    wide = np.array([-(2**31), -(2**24), 0, 2**24, 2**30], "<i4")
    for width in (2, 3, 4):
        cut = wide.view(np.uint8).reshape(-1, 4)[:, 4 - width :].tobytes()
        assert from_pcm(cut, width)[:, 0].tolist() == [-1.0, -(2**-7), 0.0, 2**-7, 0.5]
    assert from_pcm(bytes([0, 64, 128, 192]), 1)[:, 0].tolist() == [-1.0, -0.5, 0.0, 0.5]


def resident():
    """Bytes of memory that the process has now; 0 where that is not told."""
    told = Path("/proc/self/statm")
    return int(told.read_text().split()[1]) * resource.getpagesize() if told.exists() else 0


def silence_file(path, seconds, rate=8000):
    """A long wav of 8 bits, written without holding it."""
    with pcm.open(str(path), "wb") as file:
        file.setparams((1, 1, rate, 0, "NONE", ""))
        minute = bytes([128, 130]) * (rate * 30)
        for _ in range(seconds // 60):
            file.writeframes(minute)


@pytest.mark.parametrize("minutes", [10, pytest.param(60, marks=pytest.mark.long)])
@pytest.mark.parametrize("rate", [8000, RATE])
def test_a_long_file_streams_in_flat_memory(minutes, rate, tmp_path):
    path = tmp_path / "long.wav"
    silence_file(path, 60 * minutes)
    whole = 4 * 60 * minutes * rate  # bytes of it as floats: 19 MB and more
    next(blocks(path, rate))  # imports, and the first filter
    tracemalloc.start()  # sees numpy's memory, in which all samples arrive
    count, before, most = 0, resident(), 0
    for number, part in enumerate(blocks(path, rate)):
        count += len(part)
        most = max(most, resident()) if number % 20 == 0 else most
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60 * minutes * rate
    assert peak < 3e6
    assert most - before < 0.5 * whole  # torch's too


def test_real_digits_are_read_in_pieces_as_in_one(zoo_data):
    with zipfile.ZipFile(zoo_data / "fsdd" / "recordings.zip") as packed:
        data = packed.read("recordings/7_theo_0.wav")
    assert read(data)[1] == 8000
    wave, _ = read(data, RATE)
    assert 0.01 < wave.abs().max() <= 1
    assert torch.allclose(torch.cat(list(blocks(data, RATE, 0.03))), wave, atol=1e-5)


def test_a_wave_that_would_fill_the_memory_is_refused_while_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.data.audio.read.MOST", 100_000)
    soundfile.write(tmp_path / "a.flac", np.zeros(100_000), 8000)
    assert len(read(tmp_path / "a.flac")[0]) == 100_000
    soundfile.write(tmp_path / "a.flac", np.zeros(300_000), 8000)  # a few hundred bytes
    with pytest.raises(BadFile, match=r"a\.flac has more than 100,000 samples"):
        read(tmp_path / "a.flac")
