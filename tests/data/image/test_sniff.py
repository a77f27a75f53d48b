"""What a file holds: by its first bytes, whatever it is called."""

import os

import numpy as np
import pytest
from PIL import Image

from zoo.data.image.read import read
from zoo.data.image.sniff import image_format, is_meant_as_image
from zoo.errors import BadFile

NOISE = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
UNREAD = {
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0",
    "AVIF": b"\0\0\0\x20ftypavif\0\0\0\0",
    "JPEG XL": b"\xff\x0a\xfa\x1f",
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
}


@pytest.mark.parametrize("name", ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("suffix", ["", ".jfif", ".txt", ".PNG", ".0001"])
def test_every_format_under_any_name(tmp_path, name, mode, suffix):
    path = tmp_path / f"image{suffix}"
    Image.fromarray(NOISE).convert(mode).save(path, name)
    assert image_format(path) == name
    assert is_meant_as_image(path)


@pytest.mark.parametrize("name", UNREAD)
def test_photographs_that_are_not_read_are_images_all_the_same(tmp_path, name):
    path = tmp_path / "image"
    path.write_bytes(UNREAD[name])
    assert image_format(path) == name
    assert is_meant_as_image(path)
    said = rf"image is {name}, which is not read; convert it to JPEG or PNG"
    with pytest.raises(BadFile, match=said):
        read(path)
    with pytest.raises(BadFile, match=said.removeprefix("image")):
        read(UNREAD[name])


@pytest.mark.parametrize(
    "data",
    [b"", b"BM", b"BMW is a car, and this is a text about it", b"P5", b"Paris", b"P3nguin", b"II",
     b"RIFF\x24\0\0\0WAVEfmt ", b"%PDF-1.7", b"<svg>", b"\xff\xd8", b"GIF", b"\x89PNG\n"],
)  # fmt: skip
def test_what_is_no_image(tmp_path, data):
    (tmp_path / "notes").write_bytes(data)
    assert image_format(tmp_path / "notes") is None
    assert not is_meant_as_image(tmp_path / "notes")
    (tmp_path / "notes.JPG").write_bytes(data)  # whoever calls it so means an image: it is damaged
    assert is_meant_as_image(tmp_path / "notes.JPG")


def test_pipes_are_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert not is_meant_as_image(tmp_path / "pipe")
    assert not is_meant_as_image(tmp_path / "nothing")
