"""Sound of telephones and browsers is named, with the command that converts it."""

import pytest

from zoo.data.audio.containers import kind_of
from zoo.data.audio.read import read
from zoo.errors import BadFile

HEADS = {
    "m4a": b"\0\0\0\x20ftypM4A \0\0\0\0",
    "mp4": b"\0\0\0\x18ftypisom\0\0\0\0",
    "3gp": b"\0\0\0\x18ftyp3gp4\0\0\0\0",
    "mov": b"\0\0\0\x14ftypqt  \0\0\0\0",
    "amr": b"#!AMR\n<\x48\x1e\x0f\0\0\0",
    "webm or mka": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\xf7\x81\1",
    "wma": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa",
    "aac": b"\xff\xf1\x50\x80\2\x1f\xfc\xde\2\0\0\0",
}


@pytest.mark.parametrize("kind", HEADS)
def test_what_is_not_decoded_is_named_with_the_way_out(kind, tmp_path):
    path = tmp_path / "my voice.x"
    path.write_bytes(HEADS[kind] + bytes(1000))
    with pytest.raises(BadFile) as caught:
        read(path)
    told = str(caught.value)
    assert told.startswith(f"{path} is {kind}, which is not decoded here; convert it: ffmpeg -i ")
    assert told.endswith(f"'{tmp_path}/my voice.wav'")
    assert "\n" not in told
    with pytest.raises(BadFile, match="the sound is .* ffmpeg -i FILE FILE.wav"):
        read(path.read_bytes())


def test_the_way_out_does_not_write_what_it_reads(tmp_path):
    path = tmp_path / "call.wav"
    path.write_bytes(HEADS["m4a"] + bytes(100))
    with pytest.raises(BadFile) as caught:
        read(path)
    assert str(caught.value).endswith(f"ffmpeg -i {path} {tmp_path}/call-converted.wav")


@pytest.mark.parametrize("head", [b"", b"\xff", b"\xff\xfb\x90\x64", b"ID3\4", b"RIFF", b"OggS"])
def test_what_is_decoded_is_none_of_them(head):
    assert kind_of(head) is None
