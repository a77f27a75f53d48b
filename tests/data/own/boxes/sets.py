"""Small sets of boxes in the three forms, written by hand: images of 64 x 48 pixels."""

import json
import zlib

import numpy as np
from PIL import Image

SIZE = (64, 48)
CLASSES = ("cat", "dog")
PLAIN = {"a": [("cat", 8, 4, 32, 24), ("dog", 0, 0, 64, 48)], "b": [], "c": [("dog", 1, 2, 3, 4)]}


def write_image(path, seed=0, size=SIZE):
    """A PNG under any name, of pixels that no other seed has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, "PNG")
    return path


def seed_of(name):
    """A number for each name, the same in every process."""
    return zlib.crc32(name.encode())


def voc_text(boxes, size=SIZE, name="a.png", more=""):
    """An XML file; of a box a line, from 3 on."""
    width, height = size
    objects = "".join(
        f"<object><name>{label}</name>{more}<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin>"
        f"<xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox></object>\n"
        for label, x1, y1, x2, y2 in boxes
    )
    head = f"<size><width>{width}</width><height>{height}</height></size>"
    return f"<annotation>\n<filename>{name}</filename>{head}\n{objects}</annotation>\n"


def yolo_text(boxes, size=SIZE, classes=CLASSES):
    """A label file; of a box a line, from 1 on."""
    width, height = size
    return "".join(
        f"{classes.index(label)} {(x1 + x2) / 2 / width} {(y1 + y2) / 2 / height} "
        f"{(x2 - x1) / width} {(y2 - y1) / height}\n"
        for label, x1, y1, x2, y2 in boxes
    )


def coco_record(pictures, classes=CLASSES, suffix=".png"):
    """A JSON file's content; ids of images from 0 on, of annotations too, of classes 1, 3, 5."""
    images, rows = [], []
    for number, (name, boxes) in enumerate(pictures.items()):
        images.append(
            {"id": number, "file_name": name + suffix, "width": SIZE[0], "height": SIZE[1]}
        )
        for label, x1, y1, x2, y2 in boxes:
            category = 2 * classes.index(label) + 1
            rows.append(
                {"id": len(rows), "image_id": number, "category_id": category,
                 "bbox": [x1, y1, x2 - x1, y2 - y1], "area": 1, "segmentation": [[0.5, 1, 2]],
                 "iscrowd": 0}
            )  # fmt: skip
    categories = [{"id": 2 * i + 1, "name": name} for i, name in enumerate(classes)]
    return {"info": {}, "images": images, "annotations": rows, "categories": categories}


def write_voc(root, pictures=PLAIN, split=""):
    """Images and XML files side by side, in a folder for the split."""
    for name, boxes in pictures.items():
        write_image(root / split / f"{name}.png", seed_of(split + name))
        text = voc_text(boxes, name=f"{name}.png")
        (root / split / f"{name}.xml").write_text(text, encoding="utf-8")
    return root


def write_yolo(root, pictures=PLAIN, split=""):
    """images/, labels/ and classes.txt, with a folder for the split in both."""
    for name, boxes in pictures.items():
        write_image(root / "images" / split / f"{name}.png", seed_of(split + name))
        path = root / "labels" / split / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yolo_text(boxes), encoding="utf-8")
    (root / "classes.txt").write_text("\n".join(CLASSES), encoding="utf-8")
    return root


def write_coco(root, pictures=PLAIN, split=""):
    """images/ and boxes.json, or SPLIT.json and SPLIT/."""
    for name in pictures:
        write_image(root / (split or "images") / f"{name}.png", seed_of(split + name))
    text = json.dumps(coco_record(pictures), indent=0)
    (root / f"{split or 'boxes'}.json").write_text(text, encoding="utf-8")
    return root


WRITERS = {"PASCAL VOC": write_voc, "YOLO": write_yolo, "COCO": write_coco}
