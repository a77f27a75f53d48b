"""Odd files: what a disk, a camera, a network or an attacker may leave behind."""

import bz2
import gzip
import io
import json
import lzma
import os
import random
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image
from safetensors.numpy import save as save_tensors

Draw = random.Random
NAMES = (
    "plain",
    "with space",
    "größe 日本",
    "new\nline",
    "esc\x1b[31m",
    "turn\u202e",
    "-dash",
    "'q\"",
    "%s",
)


def picture(draw: Draw) -> bytes:
    mode = draw.choice(("L", "RGB", "RGBA", "P", "1", "I;16", "CMYK", "LA"))
    size = draw.choice(((1, 1), (28, 28), (1, 900), (640, 3), (33, 47)))
    image = Image.effect_noise(size, 90).convert("L")
    image = (
        Image.new("I;16", size, draw.randrange(65536)) if mode == "I;16" else image.convert(mode)
    )
    kinds = {"CMYK": ("JPEG", "TIFF"), "1": ("PNG", "BMP"), "LA": ("PNG",), "I;16": ("PNG", "TIFF")}
    kind = draw.choice(
        kinds.get(mode, ("PNG", "GIF", "TIFF") if mode != "RGB" else ("JPEG", "WEBP"))
    )
    data = io.BytesIO()
    image.save(data, kind)
    return data.getvalue()


def moving(draw: Draw) -> bytes:
    """Some frames; their sizes differ in a TIFF."""
    kind = draw.choice(("GIF", "PNG", "WEBP", "TIFF"))
    some = ((9, 7), (60, 40), (1, 1)) if kind == "TIFF" else ((30, 20),)
    sizes = [draw.choice(some) for _ in range(3)]
    first, *rest = (Image.effect_noise(size, 80).convert("RGB") for size in sizes)
    data = io.BytesIO()
    first.save(data, kind, save_all=True, append_images=rest, duration=draw.choice((0, 40)))
    return data.getvalue()


def sound(draw: Draw) -> bytes:
    rate = draw.choice((1, 999, 8000, 16000, 44100, 192000))
    count, channels = draw.choice((0, 1, 7, 4000, 16000)), draw.choice((1, 2, 7))
    scale = draw.choice((0.0, 1e-9, 0.5, 1.0, 900.0))
    waves = np.random.default_rng(draw.randrange(99)).standard_normal((count, channels)) * scale
    if count and draw.random() < 0.3:
        waves[draw.randrange(count)] = draw.choice((np.nan, np.inf, -1e30))
    data = io.BytesIO()
    kind, form = draw.choice(
        (("WAV", "FLOAT"), ("WAV", "PCM_16"), ("WAV", "DOUBLE"), ("FLAC", "PCM_16"))
    )
    try:
        soundfile.write(data, waves, rate, form, format=kind)
    except (RuntimeError, ValueError, TypeError, AssertionError):
        return b"RIFF\xff\xff\xff\xffWAVEfmt "
    return data.getvalue()


def text(draw: Draw) -> bytes:
    parts = [
        "The film was good.",
        "\0",
        "\x1b[2J",
        "\u202e",
        "a" * 9000,
        "日本",
        "😀",
        "\ufeff",
        "\t",
        "\n",
    ]
    parts += [
        "EU B-ORG\nrejects O\n\n",
        "word 0.5 1e400 nan\n",
        "3 2\na 1 2\n",
        "<unk> <s> </s>\n",
        " ",
    ]
    body = "".join(draw.choice(parts) for _ in range(draw.randrange(40)))
    return body.encode(draw.choice(("utf-8", "utf-16", "utf-32", "utf-8-sig")))


def header_bomb(draw: Draw) -> bytes:
    """A PNG of 2 GB that has a few bytes, or a wav that promises as many."""
    if draw.random() < 0.5:
        return (
            b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0"
            + struct.pack(
                "<HHIIHH",
                draw.choice((1, 3, 65534)),
                draw.choice((0, 1, 65535)),
                draw.choice((0, 16000, 2**32 - 1)),
                1,
                draw.choice((0, 2)),
                draw.choice((0, 8, 16, 255)),
            )
            + b"data\xff\xff\xff\x7f"
        )
    body = struct.pack(">IIBBBBB", draw.choice((0, 70_000, 2**31 - 1)), 70_000, 8, 2, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(b"IHDR" + body))
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + body + crc


def tensors(draw: Draw) -> bytes:
    good = save_tensors({"vectors": np.ones((3, 2), np.float32), "words": np.ones(9, np.uint8)})
    head = json.dumps(
        {"vectors": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]}}
    )
    return draw.choice(
        (good, struct.pack("<Q", len(head)) + head.encode() + b"\0" * 8, b"\xff" * 40)
    )


def packed(draw: Draw) -> bytes:
    bomb = draw.choice((b"a " * 10, b"a " * 50_000, b"\0" * 9_000_000))
    if draw.random() < 0.1:
        return gzip.compress(b"a " * 40_000_000, 1)
    kind = draw.choice((gzip.compress, bz2.compress, lzma.compress, None))
    if kind:
        return kind(bomb)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(draw.randrange(3)):
            archive.writestr(f"{number}.txt", bomb)
    return data.getvalue()


CONTENTS: tuple[Callable[[Draw], bytes], ...] = (
    picture,
    moving,
    sound,
    text,
    header_bomb,
    tensors,
    packed,
    lambda draw: b"",
    lambda draw: draw.randbytes(draw.choice((1, 8, 3000))),
)


def damaged(draw: Draw, data: bytes) -> bytes:
    """As it is, cut, doubled, with bytes flipped, or with zeros as after a power cut."""
    how = draw.randrange(6)
    at = draw.randrange(len(data) + 1)
    if how == 1:
        return data[:at]
    if how == 2:
        return data + data
    if how == 3 and data:
        changed = bytearray(data)
        for _ in range(draw.randrange(1, 9)):
            changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        return bytes(changed)
    return data[:at] + b"\0" * (len(data) - at) if how == 4 else data


def special(draw: Draw, path: Path) -> str:
    """A name that is no regular file, or none of a usual size."""
    kind = draw.choice(
        ("folder", "pipe", "socket", "loop", "dangling", "zero", "random", "sparse", "none")
    )
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            here = os.getcwd()
            os.chdir(path.parent)  # the name of a socket is short
            server.bind(path.name)
            os.chdir(here)
    elif kind == "loop":
        path.symlink_to(path.name)
    elif kind == "dangling":
        path.symlink_to("nowhere")
    elif kind in ("zero", "random"):
        path.symlink_to(f"/dev/{kind}")
    elif kind == "sparse":
        path.touch()
        os.truncate(path, 1 << 40)
    return kind


def odd_file(draw: Draw, folder: Path, number: int) -> tuple[Path, str]:
    """Make one; where it is, and what is odd about it."""
    suffix = draw.choice(
        (".png", ".wav", ".txt", ".json", ".csv", ".mp3", ".gz", ".arpa", "", ".vec")
    )
    path = folder / f"{number}{draw.choice(NAMES)}{suffix}"
    if draw.random() < 0.2:
        return path, special(draw, path)
    make = draw.choice(CONTENTS)
    path.write_bytes(damaged(draw, make(draw)))
    return path, make.__name__
