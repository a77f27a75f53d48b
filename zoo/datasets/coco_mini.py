"""COCO mini: 132 photographs of COCO's val2017 with 987 boxes of its 80 classes, to try things out.

The longest side is 416 pixels. cocodataset.org: the annotations are CC BY 4.0, each photograph has
the licence that ``annotations.jsonl`` gives (CC BY, BY-SA, BY-NC or BY-NC-SA 2.0). They have no
splits of their own: of every eight images the seventh is dev and the eighth is test here. Far too
few to train a network of any use. Proof: tests/datasets/test_coco_mini.py.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

import torch

from zoo import reading
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.images import BoxedImages, BoxedSplits
from zoo.data.image.read import decoded
from zoo.data.root import data_folder
from zoo.errors import BadFile, Missing
from zoo.ops.boxes.coco_names import NAMES
from zoo.ops.boxes.objects import Objects, objects

ADDRESS = "https://cocodataset.org"
LICENCE = "annotations CC BY 4.0; each photograph its own, CC BY-NC-SA 2.0 at the strictest"
LINE = '{"file": "nc/000000000139.jpg", "boxes": [["tv", 4.6, 109.1, 101.6, 170.8], ...]}'


def coco_mini(size: tuple[int, int] = (416, 416), fit: str = "letterbox") -> BoxedSplits:
    """100 / 16 / 16 images at the network's input, with their boxes there.

    Args:
        size, fit: as of ``BoxFrontEnd``.

    Raises:
        Missing: if the files are not in the data folder; the message says what they hold.
        BadFile: if one is damaged.
    """
    everything = boxed(data_folder() / "coco_mini", BoxFrontEnd(size, fit))
    turn = torch.arange(len(everything)) % 8
    return BoxedSplits(
        "COCO mini",
        LICENCE,
        train=everything.pick(torch.nonzero(turn < 6).flatten()),
        dev=everything.pick(torch.nonzero(turn == 6).flatten()),
        test=everything.pick(torch.nonzero(turn == 7).flatten()),
        front_end=BoxFrontEnd(size, fit),
    )


def boxed(folder: Path, front_end: BoxFrontEnd) -> BoxedImages:
    """All photographs that have boxes, in the order of the file."""
    for name in ("annotations.jsonl", "images.zip"):
        if not (folder / name).is_file():
            raise Missing(
                f"no {name} in {folder}: get photographs and instances_val2017.json from {ADDRESS},"
                f" zip the photographs as images.zip, write for each a line {LINE} in "
                "annotations.jsonl"
            )
    pixels, found, places, names = [], [], [], []
    path = folder / "annotations.jsonl"
    lines = reading.read_text(path, "lines of JSON", reading.TEXT).splitlines()
    with reading.zip_archive(folder / "images.zip", "a data set", reading.DATA) as packed:
        for number, line in enumerate(lines, 1):
            try:
                row: dict[str, Any] = json.loads(line)
                if "boxes" not in row:  # has captions only
                    continue
                small, place = front_end.pixels(decoded(packed.read(row["file"]), 3))
                truth = _objects(row["boxes"])
            except (ValueError, KeyError, TypeError, zipfile.BadZipFile, OSError) as error:
                raise BadFile(f"{path}:{number} is damaged: {error}; fetch it again") from error
            pixels.append(small)
            found.append(truth._replace(boxes=place.to_input(truth.boxes)))
            places.append(place)
            names.append(Path(row["file"]).stem)
    if not pixels:
        raise BadFile(f"{path} has no line with boxes; expected lines such as {LINE}")
    return BoxedImages(torch.stack(pixels), tuple(found), tuple(places), NAMES, names=tuple(names))


def _objects(boxes: list[list[Any]]) -> Objects:
    """Of [name, x1, y1, x2, y2] and, of a crowd, 1."""
    labels = [NAMES.index(box[0]) for box in boxes]
    crowd = [len(box) > 5 and bool(box[5]) for box in boxes]
    return objects([box[1:5] for box in boxes], labels, crowd=crowd)
