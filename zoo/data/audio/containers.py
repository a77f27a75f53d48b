"""Kinds of sound files that are not decoded here, known by their first bytes, and the way out.

Telephones and browsers record them: m4a, 3gp, amr, webm. libsndfile decodes none of them, and the
libraries that do need FFmpeg, which converts them in one line.
Proof: tests/data/audio/test_containers.py.
"""

import shlex

MATROSKA, ASF = b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75"
BRANDS = {b"M4A": "m4a", b"M4B": "m4a", b"3gp": "3gp", b"3g2": "3gp", b"qt ": "mov"}
IMAGES = (b"hei", b"hev", b"mif", b"msf", b"avi")  # brands of HEIC and AVIF
PLAIN = ((b"#!AMR", "amr"), (MATROSKA, "webm or mka"), (ASF, "wma"), (b"MAC ", "ape"))


def kind_of(head: bytes) -> str | None:
    r"""The kind of a file that begins so, if it is one of these.

    >>> kind_of(b"\0\0\0\x20ftypM4A "), kind_of(b"fLaC\0\0\0\x22")
    ('m4a', None)
    """
    if head[4:8] == b"ftyp" and head[8:11] not in IMAGES:
        return BRANDS.get(head[8:11], "mp4")
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:  # layer 0: ADTS, not mp3
        return "aac"
    return next((kind for magic, kind in PLAIN if head.startswith(magic)), None)


def way_out(name: str, kind: str) -> str:
    """What to tell a person who gives a file of this kind; ``name`` is "the sound" for bytes."""
    file = "FILE" if name == "the sound" else name
    out = f"{file.rpartition('.')[0] or file}.wav"
    if out == file:  # ffmpeg writes no file that it reads
        out = f"{file.removesuffix('.wav')}-converted.wav"
    command = shlex.join(["ffmpeg", "-i", file, out])
    return f"{name} is {kind}, which is not decoded here; convert it: {command}"
