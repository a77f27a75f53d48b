"""BCCD: 364 photographs of blood smears, 640 x 480, with boxes of three kinds of cells.

github.com/Shenggan/BCCD_Dataset, MIT licence: 4,155 red and 372 white blood cells, 361 platelets,
in the layout of PASCAL VOC, whose splits these are: train, val (dev here) and test. Two boxes have
no area (BloodImage_00343 of train, BloodImage_00338 of val) and are left out: their logarithm would
be infinite. Not every red cell is labelled. Proof: tests/datasets/test_bccd.py.
"""

from pathlib import Path

import torch

from zoo import reading
from zoo.data.examples import digest
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.images import BoxedImages, BoxedSplits, joined
from zoo.data.image.read import decoded
from zoo.data.own.boxes import Box
from zoo.data.own.boxes.voc_xml import read_voc_xml
from zoo.data.root import data_folder
from zoo.engine.seed import generator
from zoo.errors import BadFile, BadInput, Missing
from zoo.ops.boxes.objects import Objects, objects

ADDRESS = "https://github.com/Shenggan/BCCD_Dataset"
LICENCE = "MIT"
CLASSES = ("RBC", "WBC", "Platelets")
SIZES = {"train": 205, "val": 87, "test": 72}


def bccd(
    size: tuple[int, int] = (320, 416), fit: str = "stretch", dev: int | None = None
) -> BoxedSplits:
    """205 / 87 / 72 images at the network's input, with their boxes there.

    Args:
        size, fit: as of ``BoxFrontEnd``; the images are 4:3, which 320 x 416 nearly is.
        dev: how many images of val are dev; the others join train. By default all, to choose
            settings with; a final run, as VOC's on trainval, keeps some for the threshold.

    Raises:
        Missing: if the images are not in the data folder; the message says where to get them.
        BadFile: if a file is damaged.
        BadInput: for a dev of no image, or of more than there are.
    """
    val = SIZES["val"]
    dev = val if dev is None else dev
    if not 1 <= dev <= val:
        raise BadInput(f"dev must be 1 to {val} images, got {dev}")
    folder = data_folder() / "bccd" / "VOCdevkit" / "VOC2007"
    if not (folder / "Annotations").is_dir():
        raise Missing(f"no images in {folder}: get {ADDRESS}, put what is in its folder BCCD there")
    front_end = BoxFrontEnd(size, fit)
    left_out: list[str] = []
    parts = {split: _part(folder, split, front_end, left_out) for split in SIZES}
    order = torch.randperm(val, generator=generator(0, "bccd"))
    held_out, more = (parts["val"].pick(some.sort().values) for some in (order[:dev], order[dev:]))
    notices = (f"left out {len(left_out)} boxes without area: {', '.join(left_out)}",)
    return BoxedSplits(
        "BCCD",
        LICENCE,
        train=joined([parts["train"], more]),
        dev=held_out,
        test=parts["test"],
        front_end=front_end,
        notices=notices if left_out else (),
    )


def _part(folder: Path, split: str, front_end: BoxFrontEnd, left_out: list[str]) -> BoxedImages:
    names = _names(folder, split)
    pixels, found, places, files = [], [], [], []
    for name in names:
        image = folder / "JPEGImages" / f"{name}.jpg"
        raw = reading.read_bytes(image, "an image", reading.PICTURE)
        small, place = front_end.pixels(decoded(raw, 3))
        boxes = read_voc_xml(folder / "Annotations" / f"{name}.xml").boxes
        solid = [box for box in boxes if _has_area(box)]
        left_out += [f"{name}.xml:{box.line}" for box in boxes if not _has_area(box)]
        truth = _objects(solid, name)
        pixels.append(small)
        found.append(truth._replace(boxes=place.to_input(truth.boxes)))
        places.append(place)
        files.append(digest(raw))
    return BoxedImages(
        torch.stack(pixels), tuple(found), tuple(places), CLASSES, tuple(files), tuple(names)
    )


def _names(folder: Path, split: str) -> list[str]:
    path = folder / "ImageSets" / "Main" / f"{split}.txt"
    names = reading.read_text(path, "a list of images", reading.SMALL).split()
    if len(names) != SIZES[split]:
        raise BadFile(f"{path} names {len(names)} images, expected {SIZES[split]}; get {ADDRESS}")
    return names


def _has_area(box: Box) -> bool:
    x1, y1, x2, y2 = box.corners
    return x2 > x1 and y2 > y1


def _objects(boxes: list[Box], name: str) -> Objects:
    if others := {box.name for box in boxes} - set(CLASSES):
        raise BadFile(f"{name}.xml has the class {min(others)!r}, expected {', '.join(CLASSES)}")
    labels = [CLASSES.index(box.name) for box in boxes]
    difficult = [box.difficult for box in boxes]
    return objects([box.corners for box in boxes], labels, difficult)
