"""Spoken digits: the split, the strings, what a damaged archive leads to; the real set."""

import io
import wave
import zipfile
from itertools import pairwise

import pytest
import torch

from zoo.datasets import fsdd as module
from zoo.datasets.fsdd import SPEAKERS, WORDS, fsdd, recordings, unpack
from zoo.errors import BadFile, Missing, UnknownName


def sound(samples, rate=8000, width=2, channels=1):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(bytes(width * channels * samples))
    return file.getvalue()


def archive(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "recordings.zip", "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return folder


def whole_set(each, samples=240):
    return {
        f"recordings/{digit}_{who}_{index}.wav": sound(samples + 10 * digit + index)
        for digit in range(10)
        for who in SPEAKERS
        for index in range(each)
    }


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """All digits and speakers, ten recordings each for fifty; the split is the real one."""
    monkeypatch.setattr(module, "EACH", 10)
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    archive(tmp_path / "fsdd", whole_set(10))
    return tmp_path


def test_the_split_is_by_index_and_strings_are_of_one_speaker(tiny):
    splits = fsdd()
    assert len(splits.train) == 2 * 10 * 6  # indices 8 and 9 of ten
    assert sum(len(t.split()) for t in splits.dev.texts) == 4 * 3 * 60
    assert sum(len(t.split()) for t in splits.test.texts) == 4 * 5 * 60
    assert {len(t.split()) for t in splits.test.texts} == {1, 2, 3, 4, 5}
    assert set(splits.train.texts) == set(WORDS)
    assert splits.vocabulary.words == ("<blank>", *" efghinorstuvwxz")
    assert splits.about()["speakers"] == sorted(SPEAKERS)
    assert splits.digest() == fsdd().digest()


def test_a_speaker_that_is_left_out_is_all_of_the_test_and_nothing_else(tiny):
    splits = fsdd("theo")
    assert set(splits.test.speakers) == {"theo"}
    assert "theo" not in {*splits.train.speakers, *splits.dev.speakers}
    assert sum(len(t.split()) for t in splits.test.texts) == 100
    with pytest.raises(UnknownName, match="theo"):
        fsdd("teo")


def test_what_macos_adds_to_an_archive_is_passed_over(tmp_path):
    files = whole_set(1)
    more = {f"__MACOSX/recordings/._{name.split('/')[1]}": b"\0" for name in files}
    clips, _ = unpack(archive(tmp_path, files | more) / "recordings.zip")
    assert len(clips) == 60


def test_what_is_missing_or_damaged_is_said(tmp_path, monkeypatch):
    with pytest.raises(Missing, match=r"no recordings.zip in .*: get https://github.com"):
        recordings(tmp_path)
    (tmp_path / "recordings.zip").write_bytes(b"no zip")
    with pytest.raises(BadFile, match="damaged"):
        recordings(tmp_path)
    with pytest.raises(BadFile, match="holds 60 recordings, expected 3000"):
        recordings(archive(tmp_path, whole_set(1)))
    for name, data in (
        ("recordings/7_theo.wav", sound(9)),
        ("recordings/x_theo_1.wav", sound(9)),
        ("recordings/7_theo_1.wav", sound(9, rate=16000)),
        ("recordings/7_theo_1.wav", b"text"),
    ):
        with pytest.raises(BadFile, match="damaged"):
            unpack(archive(tmp_path, {name: data}) / "recordings.zip")
    with pytest.raises(BadFile, match=r"holds no \.wav"):
        unpack(archive(tmp_path, {"a.txt": b""}) / "recordings.zip")


def test_the_real_set_has_no_string_that_is_too_short_for_its_letters(zoo_data, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    if not (zoo_data / "fsdd").is_dir():
        pytest.skip("no fsdd in ZOO_DATA")
    splits = fsdd()
    assert (len(splits.train), len(splits.dev), len(splits.test)) == (2520, 255, 408)
    frames = torch.tensor([splits.front_end.frames(n) for n in splits.train.lengths.tolist()])
    need = [len(t) + sum(a == b for a, b in pairwise(t)) for t in splits.train.texts]
    assert ((frames + 1) // 2 >= torch.tensor(need)).all()
