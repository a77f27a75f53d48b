"""What a file holds, by its first bytes: the name at its end decides nothing.

Signatures: https://en.wikipedia.org/wiki/List_of_file_signatures.
Proof: tests/data/image/test_sniff.py.
"""

import re
from pathlib import Path

HEAD = 64  # bytes that are looked at
READ = {  # what Pillow is let read, by how it begins
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "TIFF": re.compile(rb"II[*+]\0|MM\0[*+]"),
    "BMP": re.compile(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL),
    "PPM": re.compile(rb"P[1-6][ \t\r\n]"),
}
UNREAD = {  # photographs in formats that are not read: losing them silently would change the data
    "AVIF": re.compile(rb".{4}ftypavi[fs]", re.DOTALL),
    "HEIC": re.compile(rb".{4}ftyp(hei[cxms]|hev[cx]|mif1|msf1)", re.DOTALL),
    "JPEG XL": re.compile(rb"\xff\x0a|\0\0\0\x0cJXL ", re.DOTALL),
    "JPEG 2000": re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", re.DOTALL),
}
SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm",
            ".ppm", ".pbm", ".heic", ".heif", ".avif", ".jxl", ".jp2")  # fmt: skip


def format_of(head: bytes) -> str | None:
    """The format of an image by its first bytes (HEAD); None if it is none that is known here.

    >>> format_of(b"GIF89a"), format_of(b"GIF")
    ('GIF', None)
    """
    return next((name for name, begin in (READ | UNREAD).items() if begin.match(head)), None)


def image_format(path: Path) -> str | None:
    """The format of an image file, "PNG" or "HEIC"; None if it is no image that is known here.

    Raises:
        OSError: if the file cannot be opened.
    """
    with path.open("rb") as file:
        return format_of(file.read(HEAD))


def is_meant_as_image(path: Path) -> bool:
    """Whether a file is an image, or is called as if it were; a folder or a pipe never is.

    A file that cannot be opened, or is damaged, is no less meant as one: reading it says why not.
    """
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        return path.is_file() and image_format(path) is not None
    except OSError:
        return False
