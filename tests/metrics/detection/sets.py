"""Random sets of detections and objects, and their matches by VOC's rule; pycocotools."""

import contextlib
import io

import pytest
import torch

from zoo.bench.detection_metrics import as_coco
from zoo.metrics.detection.coco_files import CocoFiles
from zoo.metrics.detection.lists import flatten
from zoo.metrics.detection.voc import fates, matches
from zoo.ops.boxes.objects import Detections, Objects


def random_set(seed, *, images=12, classes=3, many=9, ties=True, crowds=0.1, difficult=0.1):
    """(detections, objects, areas): detections near objects, some of the wrong class, some stray.

    Corners are multiples of 1/4, so that float32 holds them exactly; scores of ``ties`` multiples
    of 1/8.
    """
    rng = torch.Generator().manual_seed(seed)

    def integer(high, *shape):
        return torch.randint(0, high, shape, generator=rng)

    def chance(p, n):
        return torch.rand(n, generator=rng) < p

    found, truth, areas = [], [], []
    for _ in range(images):
        n = int(integer(many + 1, 1))
        corner, size = integer(400, n, 2) / 4, (8 + integer(500, n, 2)) / 4
        boxes = torch.cat([corner, corner + size], 1)
        labels = integer(classes, n)
        truth.append(Objects(boxes, labels, chance(difficult, n), chance(crowds, n)))
        areas.append((size.prod(1) * 0.75).tolist())
        copies = torch.arange(n).repeat(3)
        near = boxes[copies] + (integer(17, len(copies), 4) - 8) / 4
        near[:, 2:] = near[:, 2:].maximum(near[:, :2] + 0.25)
        stray = torch.cat([corner + 30, corner + 30 + size], 1)
        wrong = torch.where(chance(0.2, len(copies)), integer(classes, len(copies)), labels[copies])
        scores = torch.rand(4 * n, generator=rng)
        if ties:
            scores = (scores * 8).ceil() / 8
        order = (-scores).argsort(stable=True)
        every = Detections(torch.cat([near, stray]), torch.cat([wrong, labels]), scores)
        kept = every.pick(order)
        found.append(kept.pick(chance(0.8, kept.size)))
    return found, truth, areas


def every(found, truth, classes):
    """The matches of each class."""
    lists = flatten(found, truth, classes)
    return matches(lists, fates(lists))


def pycocotools(found, truth, areas, classes):
    """Its twelve numbers, and its AP of each class, range and threshold (K, A, T)."""
    api = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    names = tuple(map(str, range(classes)))
    annotations, results = as_coco(CocoFiles(found, truth, areas, names))
    with contextlib.redirect_stdout(io.StringIO()):
        gold = api.COCO()
        gold.dataset = annotations
        gold.createIndex()
        run = evaluation.COCOeval(gold, gold.loadRes(results), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    precision = run.eval["precision"][..., 2].mean(1)  # (T, K, A)
    return run.stats, precision.transpose(1, 2, 0)
