"""COCO's twelve numbers compared with pycocotools and faster-coco-eval: time, and equality.

Two sets: COCO-100, the golden answer of the evaluator (``$ZOO_DATA/coco100``), and dense lists, 60
images with 100 detections each, half of them with equal scores, and 5 % crowds. All sides have the
annotations and detections in memory in the form they take, pycocotools with its index made and the
results loaded; timed is from there to the twelve numbers. "all protocols" is what
``zoo.metrics.detection`` measures at once: also VOC07, VOC10, and F1 against the threshold. The
difference is the largest of the twelve.
Proof: tests/bench/test_detection_metrics.py.
"""

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from zoo.data.root import data_folder
from zoo.engine.seed import generator
from zoo.engine.timing import Work, interleaved
from zoo.metrics.detection.coco import coco
from zoo.metrics.detection.coco_files import CocoFiles, read_coco_files
from zoo.metrics.detection.lists import flatten
from zoo.metrics.detection.scores import evaluate
from zoo.ops.boxes.objects import Detections, Objects

ROUNDS = 7
HEAD = ("side", "set", "detections", "CPU ms", "of pycocotools' CPU time", "AP", "difference")
OURS, ALL, PYCOCOTOOLS, FASTER = "zoo", "zoo, all protocols", "pycocotools", "faster-coco-eval"
MODULES = {  # name of the peer -> where its API and its evaluation are
    PYCOCOTOOLS: ("pycocotools.coco", "COCO", "pycocotools.cocoeval", "COCOeval"),
    FASTER: ("faster_coco_eval", "COCO", "faster_coco_eval", "COCOeval_faster"),
}


@dataclass(frozen=True)
class Row:
    """One side on one set: median CPU seconds; ``ratio``: the median over the rounds."""

    what: str
    set: str
    detections: int = 0
    cpu: float | None = None
    ratio: float | None = None
    ap: float | None = None
    difference: float | None = None  # from ours
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        if self.cpu is None:
            return (self.what, self.set, self.note, "", "", "", "")
        ratio = "-" if self.ratio is None else f"{self.ratio:.3f}"
        time, ap, difference = f"{1e3 * self.cpu:.1f}", f"{self.ap:.4f}", f"{self.difference:.1e}"
        return (self.what, self.set, f"{self.detections:,}", time, ratio, ap, difference)


def run(rounds: int) -> Iterator[Row]:
    """Measure all sides; for what is not there the row says how to get it."""
    folder = data_folder() / "coco100"
    if folder.is_dir():
        names = "instances_val2014_100.json.gz", "instances_val2014_fakebbox100_results.json.gz"
        yield from measured("COCO-100", read_coco_files(*(folder / n for n in names)), rounds)
    else:
        note = f"needs {folder}: instances_val2014_100 of the tests of faster-coco-eval"
        yield Row(OURS, "COCO-100", note=note)
    yield from measured("dense", dense(), rounds)


def dense(images: int = 60, classes: int = 5) -> CocoFiles:
    """100 detections in each image: five near each of 16 objects, and 20 stray ones.

    Corners are whole pixels, which every side holds exactly.
    """
    rng = generator("bench detection_metrics")
    found, truth = [], []
    for _ in range(images):
        low = torch.randint(0, 400, (20, 2), generator=rng)
        boxes = torch.cat([low, low + torch.randint(8, 130, (20, 2), generator=rng)], 1).float()
        labels = torch.randint(0, classes, (20,), generator=rng)
        crowd = torch.rand(16, generator=rng) < 0.05
        truth.append(Objects(boxes[:16], labels[:16], torch.zeros(16, dtype=torch.bool), crowd))
        near = boxes.repeat(5, 1)
        near[:, :2] -= torch.randint(0, 4, (100, 2), generator=rng)
        near[:, 2:] += torch.randint(0, 4, (100, 2), generator=rng)
        near[16:20] += 60  # stray
        scores = torch.rand(100, generator=rng)
        scores[::2] = (20 * scores[::2]).ceil() / 20
        order = (-scores).argsort(stable=True)
        found.append(Detections(near[order], labels.repeat(5)[order], scores[order]))
    areas = tuple(tuple((one.boxes[:, 2:] - one.boxes[:, :2]).prod(1).tolist()) for one in truth)
    return CocoFiles(tuple(found), tuple(truth), areas, tuple(map(str, range(classes))))


def measured(name: str, lists: CocoFiles, rounds: int) -> Iterator[Row]:
    """The rows of one set, all sides in turns."""
    classes, areas = len(lists.classes), lists.areas
    numbers: dict[str, list[float]] = {}

    def twelve() -> None:
        flat = flatten(lists.detections, lists.objects, classes, areas)
        numbers[OURS] = list(coco(flat).twelve.values())

    def every() -> None:
        scores = evaluate(lists.detections, lists.objects, classes, areas=areas)
        _ = scores.means, scores.f1  # made when asked for
        numbers[ALL] = list(scores.coco.twelve.values())

    sides: dict[str, Callable[[], Work]] = {OURS: lambda: twelve, ALL: lambda: every}
    absent = []
    for peer in MODULES:
        try:
            sides[peer] = _peer(peer, lists, numbers)
        except ImportError:
            absent.append(Row(peer, name, note=f"not installed; pip install {peer}"))
    times = interleaved(sides, rounds)
    count = sum(one.size for one in lists.detections)
    for side, time in times.items():
        ratio = time.cpu_ratio(times[PYCOCOTOOLS]) if PYCOCOTOOLS in times else None
        pairs = zip(numbers[side], numbers[OURS], strict=True)
        difference = max(abs(a - b) for a, b in pairs)
        yield Row(side, name, count, time.cpu_median, ratio, numbers[side][0], difference)
    yield from absent


def _peer(
    name: str, lists: CocoFiles, numbers: dict[str, list[float]]
) -> Callable[[], Callable[[], None]]:
    """A side of a peer: what is not timed, then what is.

    Raises:
        ImportError: if it is not installed.
    """
    module, api, evaluation, cls = MODULES[name]
    make_api = vars(import_module(module))[api]
    make_run = vars(import_module(evaluation))[cls]
    annotations, results = as_coco(lists)

    def prepare() -> Callable[[], None]:
        with contextlib.redirect_stdout(io.StringIO()):
            truth = make_api()
            truth.dataset = annotations
            truth.createIndex()
            one = make_run(truth, truth.loadRes(results), "bbox")

        def timed() -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                one.evaluate()
                one.accumulate()
                one.summarize()
            numbers[name] = [float(value) for value in one.stats[:12]]

        return timed

    return prepare


def as_coco(lists: CocoFiles) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Annotations and results as COCO's JSON has them."""
    annotations, results = list[dict[str, Any]](), list[dict[str, Any]]()
    for image, (truth, found) in enumerate(zip(lists.objects, lists.detections, strict=True)):
        sides = zip(_sizes(truth.boxes), truth.labels.tolist(), truth.crowd.tolist(),
                    lists.areas[image], strict=True)  # fmt: skip
        for box, label, crowd, area in sides:
            number = len(annotations) + 1
            annotations.append({"id": number, "image_id": image, "category_id": label,
                                "bbox": box, "area": area, "iscrowd": int(crowd)})  # fmt: skip
        rows = zip(_sizes(found.boxes), found.labels.tolist(), found.scores.tolist(), strict=True)
        for box, label, score in rows:
            results.append({"image_id": image, "category_id": label, "bbox": box, "score": score})
    images = [{"id": n} for n in range(len(lists.objects))]
    categories = [{"id": n, "name": one} for n, one in enumerate(lists.classes)]
    return {"images": images, "categories": categories, "annotations": annotations}, results


def _sizes(boxes: Tensor) -> list[list[float]]:
    """Corners (n, 4) to x, y, width, height."""
    corners = boxes.double()
    sizes: list[list[float]] = torch.cat(
        [corners[:, :2], corners[:, 2:] - corners[:, :2]], 1
    ).tolist()
    return sizes
