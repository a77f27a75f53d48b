"""Scores of detections in COCO's files: annotations (JSON) and results (JSON), plain or packed.

Annotations: {"images": [{"id"}], "categories": [{"id", "name"}], "annotations": [{"image_id",
"category_id", "bbox": [x, y, width, height], "area", "iscrowd"}]}; results: [{"image_id",
"category_id", "bbox", "score"}]. Images and classes are sorted by their ids, as COCO's code does.
Proof: tests/metrics/detection/test_coco_files.py (COCO-100).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from zoo import reading
from zoo.errors import BadFile, ZooError
from zoo.metrics.detection.scores import DetectionScores, evaluate
from zoo.ops.boxes.objects import Detections, Objects, objects

LARGEST = 1e15  # of a number in a file


@dataclass(frozen=True, eq=False)
class CocoFiles:
    """What two files hold, for ``evaluate``; a row for each image."""

    detections: tuple[Detections, ...]
    objects: tuple[Objects, ...]
    areas: tuple[tuple[float, ...], ...]
    classes: tuple[str, ...]


def score_coco_files(annotations: str | Path, results: str | Path) -> DetectionScores:
    """The scores of detections by all protocols; nothing but the two files is needed.

    Raises:
        Missing, BadFile: as ``read_coco_files``.
    """
    read = read_coco_files(annotations, results)
    return evaluate(read.detections, read.objects, len(read.classes), areas=read.areas)


def read_coco_files(annotations: str | Path, results: str | Path) -> CocoFiles:
    """Both sides, with boxes as corners.

    Raises:
        Missing: if a file is not there.
        BadFile: if a file is not as above, or an entry names an image or class that is not in the
            annotations; the entry is named.
    """
    truth, found = _json(annotations, "COCO annotations"), _json(results, "COCO results")
    if not isinstance(truth, dict) or not isinstance(found, list):
        path = results if isinstance(truth, dict) else annotations
        shape = "a list of results" if isinstance(truth, dict) else "an object with annotations"
        raise BadFile(f"{path} must hold {shape}, as COCO has it")
    images = {n: row for row, n in enumerate(sorted(_ids(annotations, truth, "images")))}
    names = _ids(annotations, truth, "categories")
    kinds = {n: row for row, n in enumerate(sorted(names))}
    rows: list[list[_Entry]] = [[] for _ in images]
    answers: list[list[_Entry]] = [[] for _ in images]
    for entry in _entries(annotations, truth.get("annotations"), images, kinds):
        rows[entry.image].append(entry)
    for entry in _entries(results, found, images, kinds, scored=True):
        answers[entry.image].append(entry)
    return CocoFiles(
        tuple(map(_detections, answers)),
        tuple(map(_objects, rows)),
        tuple(tuple(entry.area for entry in row) for row in rows),
        tuple(str(names[n].get("name", n)) for n in kinds),
    )


@dataclass(frozen=True)
class _Entry:
    """An annotation or a result."""

    image: int
    label: int
    box: tuple[float, float, float, float]  # x1 y1 x2 y2
    area: float
    crowd: bool
    score: float


def _json(path: str | Path, what: str) -> Any:
    try:
        return json.loads(reading.read_text(path, what))
    except ZooError:  # a ValueError too, and says all
        raise
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path} is not JSON: {error}; expected {what}") from error


def _ids(path: str | Path, truth: Mapping[str, Any], key: str) -> dict[int, Mapping[str, Any]]:
    """The entries of a list by their ids."""
    found: dict[int, Mapping[str, Any]] = {}
    for place, entry in enumerate(_list(path, truth.get(key), key)):
        if not isinstance(entry, dict) or type(entry.get("id")) is not int:
            raise BadFile(f"{path}: entry {place} of {key} has no whole number as its id")
        if entry["id"] in found:
            raise BadFile(f"{path}: entry {place} of {key} has the id {entry['id']} once more")
        found[entry["id"]] = entry
    return found


def _list(path: str | Path, value: Any, key: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise BadFile(f"{path} has no list {key!r}, as COCO has it")
    return value


def _entries(
    path: str | Path,
    value: Any,
    images: Mapping[int, int],
    kinds: Mapping[int, int],
    *,
    scored: bool = False,
) -> list[_Entry]:
    """Annotations, or results, which have a score."""
    entries = []
    for place, entry in enumerate(_list(path, value, "annotations")):
        where = f"{path}: entry {place} of the {'results' if scored else 'annotations'}"
        if not isinstance(entry, dict):
            raise BadFile(f"{where} is no object, got {entry!r}")
        image = _row(where, entry, "image_id", images)
        label = _row(where, entry, "category_id", kinds)
        box = entry.get("bbox")
        if not isinstance(box, list) or len(box) != 4:
            raise BadFile(f"{where} must have a bbox of x, y, width and height, got {box!r}")
        x, y, width, height = (_number(where, "bbox", side) for side in box)
        if min(width, height) < 0:
            raise BadFile(f"{where}: width and height of a bbox must not be below 0, got {box!r}")
        area = _number(where, "area", entry.get("area", width * height))
        score = _number(where, "score", entry.get("score")) if scored else 1.0
        crowd = entry.get("iscrowd", 0)
        if crowd not in (0, 1):
            raise BadFile(f"{where}: iscrowd must be 0 or 1, got {crowd!r}")
        corners = x, y, x + width, y + height
        entries.append(_Entry(image, label, corners, area, bool(crowd), score))
    return entries


def _number(where: str, key: str, value: Any) -> float:
    if not isinstance(value, int | float) or not abs(value) < LARGEST:  # NaN neither
        raise BadFile(f"{where}: {key} must be made of finite numbers, got {value!r}")
    return float(value)


def _row(where: str, entry: Mapping[str, Any], key: str, rows: Mapping[int, int]) -> int:
    number = entry.get(key)
    if type(number) is not int or number not in rows:
        raise BadFile(f"{where} has {key} {number!r}, which the annotations do not list")
    return rows[number]


def _objects(entries: Sequence[_Entry]) -> Objects:
    boxes, labels = [entry.box for entry in entries], [entry.label for entry in entries]
    return objects(boxes, labels, crowd=[entry.crowd for entry in entries])


def _detections(entries: Sequence[_Entry]) -> Detections:
    best_first = sorted(entries, key=lambda entry: -entry.score)  # stable
    return Detections(
        torch.tensor([entry.box for entry in best_first]).view(-1, 4),
        torch.tensor([entry.label for entry in best_first], dtype=torch.int64),
        torch.tensor([entry.score for entry in best_first]),
    )
