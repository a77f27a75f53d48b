"""Whether a file is meant as sound: by its first bytes, or by its name."""

import os

import pytest
import torch

from tests.data.audio.test_containers import HEADS
from zoo.data.audio.read import write
from zoo.data.audio.sniff import is_meant_as_sound


def test_what_is_written_is_sound_under_any_name(tmp_path):
    write(tmp_path / "a.txt", torch.zeros(800), 8000)
    assert is_meant_as_sound(tmp_path / "a.txt")


@pytest.mark.parametrize(
    "head",
    [b"fLaC\0", b"OggS\0", b"ID3\3", b"\xff\xfb\x90", b"FORM\0\0\0\0AIFF", *HEADS.values()],
)
def test_other_sound(tmp_path, head):
    (tmp_path / "x").write_bytes(head + bytes(20))
    assert is_meant_as_sound(tmp_path / "x")


@pytest.mark.parametrize(
    "data",
    [b"", b"notes", b"RIFF\0\0\0\0WEBP", b"\xff\xd8\xff", b"\0" * 20,
     b"\0\0\0\x18ftypheic\0\0\0\0", b"\0\0\0\x1cftypavif\0\0\0\0"],
)  # fmt: skip
def test_what_is_no_sound_unless_it_is_called_so(tmp_path, data):
    (tmp_path / "x.txt").write_bytes(data)
    assert not is_meant_as_sound(tmp_path / "x.txt")
    (tmp_path / "x.MP3").write_bytes(data)
    assert is_meant_as_sound(tmp_path / "x.MP3")


def test_pipes_and_folders_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "x.wav")
    (tmp_path / "folder.wav").mkdir()
    assert not is_meant_as_sound(tmp_path / "x.wav")
    assert not is_meant_as_sound(tmp_path / "folder.wav")
