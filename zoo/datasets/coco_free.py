"""COCO free: the 85 photographs of COCO mini whose licences let one publish what is made of them.

CC BY 2.0 or CC BY-SA 2.0, as ``annotations.jsonl`` says of each; the others of COCO mini
(zoo/datasets/coco_mini.py) are for non-commercial use. Their longest side is 416 pixels. Of every
eight the seventh is dev and the eighth is test, as there. Proof: tests/datasets/test_coco_free.py.
"""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

from zoo import reading
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.photographs import Photographs, PhotographSplits
from zoo.data.root import data_folder
from zoo.errors import BadFile, Missing

FREE = "free/"  # how the names of these begin
LICENCE = "each photograph its own: CC BY 2.0 or CC BY-SA 2.0"
SHORT = {  # as the annotations call them
    "Attribution License": "CC BY 2.0",
    "Attribution-ShareAlike License": "CC BY-SA 2.0",
}
PHOTO = re.compile(r"/(\d+)_[0-9a-f]+(?:_\w)?\.jpg")  # of an address of Flickr's
FRONT_END = PhotographFrontEnd(longest=416)


def coco_free() -> PhotographSplits:
    """65 / 10 / 10 photographs.

    Raises:
        Missing: if the files are not in the data folder; the message says what they hold.
        BadFile: if one is damaged.
    """
    photographs, credits = free(data_folder() / "coco_mini")
    rows = range(len(photographs))
    return PhotographSplits(
        "COCO free",
        LICENCE,
        train=photographs.pick([i for i in rows if i % 8 < 6]),
        dev=photographs.pick([i for i in rows if i % 8 == 6]),
        test=photographs.pick([i for i in rows if i % 8 == 7]),
        front_end=FRONT_END,
        credits=credits,
    )


def free(folder: Path) -> tuple[Photographs, str]:
    """The free photographs in the order of the file, and a line of credit for each.

    Raises:
        Missing, BadFile: as ``coco_free``.
    """
    for name in ("annotations.jsonl", "images.zip"):
        if not (folder / name).is_file():
            raise Missing(f"no {name} in {folder}: zoo/datasets/coco_mini.py says how to make it")
    path = folder / "annotations.jsonl"
    lines = reading.read_text(path, "lines of JSON", reading.TEXT).splitlines()
    images, names, credits = [], [], []
    with reading.zip_archive(folder / "images.zip", "a data set", reading.DATA) as packed:
        for number, line in enumerate(lines, 1):
            try:
                row: dict[str, Any] = json.loads(line)
                if not row["file"].startswith(FREE):
                    continue
                credits.append(credit(row))
                images.append(FRONT_END.pixels(packed.read(row["file"])))
                names.append(Path(row["file"]).name)
            except (ValueError, KeyError, TypeError, zipfile.BadZipFile, OSError) as error:
                raise BadFile(f"{path}:{number} is damaged: {error}; fetch it again") from error
    if not images:
        raise BadFile(f"{path} has no line of a photograph in {FREE}")
    return Photographs(tuple(images), tuple(names)), "\n".join(credits)


def credit(row: dict[str, Any]) -> str:
    """A photograph's name, licence and source; its author is on the page of the source."""
    licence = SHORT[row["licence"]]
    found = PHOTO.search(row["flickr"])
    page = f"https://www.flickr.com/photo.gne?id={found[1]}" if found else row["flickr"]
    return f"{Path(row['file']).name}  {licence}  {page}"
