"""An animated GIF, written frame by frame: no frame is kept but the last.

Pillow's own writer holds all frames until the end. Here each is coded by Pillow as a GIF of its
own, whose colours and pixels are put into the file behind those before (GIF89a, sections 17-27).
Proof: tests/viz/test_gif.py.
"""

import io
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps

from zoo.errors import BadInput
from zoo.files import atomic

USUAL = 10  # hundredths of a second that a frame is shown if nothing is known
MOST = 65535  # pixels of a side
SHORTEST = 2  # browsers show a shorter frame for ten
LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"  # for ever


class GifWriter:
    """Writes an animated GIF atomically; ``close`` it, or ``drop`` it.

    All frames are made as large as the first: another is fitted into it on a white ground.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = ExitStack()
        self.file: IO[bytes] | None = None
        self.size = (0, 0)
        self.waiting: tuple[Image.Image, float | None] | None = None
        self.elapsed, self.delay = 0, USUAL  # hundredths of a second

    def add(self, image: Image.Image, seconds: float | None = None) -> None:
        """The next frame, RGB, and its time since the beginning; None: a tenth after the last.

        Raises:
            CannotWrite: as ``zoo.files.atomic``.
            BadInput: for a first frame that no GIF can hold.
        """
        if self.waiting is None:
            if max(image.size) > MOST:
                raise BadInput(f"a GIF has at most {MOST} pixels a side, got {image.size}")
            self.size = image.size
            self.elapsed = round(100 * (seconds or 0.0))
            self.file = self.files.enter_context(atomic(self.path))
            sides = b"".join(side.to_bytes(2, "little") for side in self.size)
            self.file.write(b"GIF89a" + sides + b"\x00\x00\x00" + LOOP)
        else:
            time = self.elapsed + USUAL if seconds is None else round(100 * seconds)
            self.delay = max(time - self.elapsed, SHORTEST)
            self._write()
            self.elapsed = time
        fits = image.size == self.size
        self.waiting = (image if fits else ImageOps.pad(image, self.size, color="white"), seconds)

    def close(self) -> None:
        """Write the last frame, shown as long as the one before; without frames there is no file.

        Raises:
            CannotWrite: as ``zoo.files.atomic``.
        """
        if self.file is not None:
            self._write()
            self.file.write(b";")
        self.files.close()

    def drop(self) -> None:
        """Remove what was written; a file that was there before is as it was."""
        stop = KeyboardInterrupt()
        self.files.__exit__(KeyboardInterrupt, stop, None)  # atomic removes its draft

    def _write(self) -> None:
        if self.file is None or self.waiting is None:
            return
        colours, pixels = _parts(self.waiting[0])
        sides = b"".join(side.to_bytes(2, "little") for side in self.size)
        bits = (len(colours) // 3).bit_length() - 2  # 256 colours: 7
        control = b"\x21\xf9\x04\x00" + min(self.delay, 65535).to_bytes(2, "little") + b"\x00\x00"
        place = b"," + b"\x00\x00\x00\x00" + sides + bytes([0x80 | bits])
        self.file.write(control + place + colours + pixels)


def _parts(image: Image.Image) -> tuple[bytes, bytes]:
    """The table of colours of a frame, and its coded pixels with the code size in front."""
    data = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(data, "GIF", optimize=False, interlace=0)
    coded = data.getvalue()
    flags, at = coded[10], 13
    count = 2 << (flags & 7) if flags & 0x80 else 0
    colours, at = coded[at : at + 3 * count], at + 3 * count
    while coded[at : at + 1] == b"\x21":  # extensions
        at += 2
        while size := coded[at]:
            at += size + 1
        at += 1
    own = coded[at + 9]
    at += 10
    if own & 0x80:
        count = 2 << (own & 7)
        colours, at = coded[at : at + 3 * count], at + 3 * count
    return colours, coded[at : coded.rindex(b";")]
