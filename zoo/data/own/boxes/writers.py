"""Boxes written in the three forms, so that reading them again gives the same bits.

VOC's corners and COCO's near ones are the shortest decimals of their floats; COCO's sizes and
YOLO's parts of the image have as many digits as it takes.
Proof: tests/data/own/boxes/test_convert.py.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from zoo import files
from zoo.data.own.boxes import Box, Picture
from zoo.data.own.boxes.coco_json import span
from zoo.data.own.boxes.yolo_text import written_line

Named = Sequence[tuple[Picture, str]]  # images, and the names of their files in the new folder
Parts = Mapping[str, Named]  # by the word for the split in file names; "" if there are none


def write_voc(out: Path, parts: Parts, classes: Sequence[str]) -> None:
    """Annotations/NAME.xml, and ImageSets/Main/SPLIT.txt."""
    lists = files.make_folder(out / "ImageSets" / "Main") if "" not in parts else out
    folder = files.make_folder(out / "Annotations")
    for split, some in parts.items():
        for one, file in some:
            (folder / f"{Path(file).stem}.xml").write_text(_xml(one, file), encoding="utf-8")
        if split:
            names = "".join(f"{Path(file).stem}\n" for _, file in some)
            (lists / f"{split}.txt").write_text(names, encoding="utf-8")


def _xml(one: Picture, file: str) -> str:
    objects = "".join(
        f"\t<object>\n\t\t<name>{escape(box.name)}</name>\n"
        f"\t\t<difficult>{int(box.difficult)}</difficult>\n\t\t<bndbox>\n"
        + "".join(
            f"\t\t\t<{tag}>{number(value)}</{tag}>\n"
            for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), box.corners, strict=True)
        )
        + "\t\t</bndbox>\n\t</object>\n"
        for box in one.boxes
    )
    width, height = one.size
    return (
        f"<annotation>\n\t<filename>{escape(file)}</filename>\n\t<size>\n"
        f"\t\t<width>{width}</width>\n\t\t<height>{height}</height>\n\t\t<depth>3</depth>\n"
        f"\t</size>\n{objects}</annotation>\n"
    )


def write_coco(out: Path, parts: Parts, classes: Sequence[str]) -> None:
    """annotations/instances_SPLIT.json, or annotations/instances.json; a line for each entry."""
    folder = files.make_folder(out / "annotations")
    ids = {name: number for number, name in enumerate(classes, 1)}
    categories = [json.dumps({"id": ids[name], "name": name}) for name in classes]
    for split, some in parts.items():
        images, rows = [], list[str]()
        for number_of, (one, file) in enumerate(some, 1):
            width, height = one.size
            images.append(
                json.dumps({"id": number_of, "file_name": file, "width": width, "height": height})
            )
            for box in one.boxes:
                rows.append(_annotation(len(rows) + 1, number_of, ids[box.name], box))
        lists = {"images": images, "annotations": rows, "categories": categories}
        text = ",\n".join(
            f'"{name}": [\n' + ",\n".join(entries) + "\n]" for name, entries in lists.items()
        )
        name = f"instances_{split}.json" if split else "instances.json"
        (folder / name).write_text(f"{{{text}}}\n", encoding="utf-8")


def _annotation(number_of: int, image: int, category: int, box: Box) -> str:
    x1, y1, x2, y2 = box.corners
    width, height = (f"{span(*pair):f}" for pair in ((x1, x2), (y1, y2)))
    area = repr((x2 - x1) * (y2 - y1))
    return (
        f'{{"id": {number_of}, "image_id": {image}, "category_id": {category}, '
        f'"bbox": [{number(x1)}, {number(y1)}, {width}, {height}], "area": {area}, '
        f'"iscrowd": {int(box.crowd)}}}'
    )


def write_yolo(out: Path, parts: Parts, classes: Sequence[str]) -> None:
    """labels/SPLIT/NAME.txt, and data.yaml."""
    rows = {name: row for row, name in enumerate(classes)}
    for split, some in parts.items():
        folder = files.make_folder(out / "labels" / split)
        for one, file in some:
            lines = (written_line(rows[box.name], box.corners, one.size) for box in one.boxes)
            text = "".join(f"{line}\n" for line in lines)
            (folder / f"{Path(file).stem}.txt").write_text(text, encoding="utf-8")
    places = "".join(f"{split}: images/{split}\n" for split in parts if split)
    names = "".join(f"  {row}: {json.dumps(name)}\n" for row, name in enumerate(classes))
    text = f"{places}\nnames:\n{names}"
    (out / "data.yaml").write_text(text, encoding="utf-8")


def number(value: float) -> str:
    """The shortest decimal of a float, without a point if it is whole.

    >>> number(8.0), number(0.1)
    ('8', '0.1')
    """
    return str(int(value)) if value.is_integer() else repr(value)
