"""The scores of a detector by all three protocols: ``evaluate``.

The protocols are in voc.py and coco.py. Proof: tests/metrics/detection/test_scores.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from zoo.metrics.detection.coco import CocoScores, coco
from zoo.metrics.detection.lists import Lists, flatten
from zoo.metrics.detection.operating_point import Counts, F1Curve, counts_at, f1_curve
from zoo.metrics.detection.voc import (
    Fates,
    Matches,
    area_under_curve,
    eleven_points,
    fates,
    matches,
)
from zoo.ops.boxes.objects import Detections, Objects

PROTOCOLS = {
    "map_voc10": "VOC10: area under the curve, IoU > .5",
    "map_voc07": "VOC07: 11 points, IoU > .5",
    "map_coco50": "COCO50: 101 points, IoU >= .5",
    "map_coco": "COCO: 101 points, mean of IoU >= .50, .55, ... .95",
}
"""The scores of ``DetectionScores.means``, and how each is measured."""


@dataclass(frozen=True, eq=False)
class DetectionScores:
    """What detections are worth, by each protocol.

    Attributes:
        lists: detections and objects.
        fates: what becomes of each detection, by VOC's rule.
        matches: the same, of each class by descending score; precision and recall are in them.
        coco: COCO's twelve numbers, and what they are made of.
    """

    lists: Lists
    fates: Fates
    matches: tuple[Matches, ...]
    coco: CocoScores

    @cached_property
    def classes(self) -> dict[str, tuple[float | None, ...]]:
        """AP of each class in percent, by the names of ``PROTOCOLS``; None without an object."""
        numbers = range(len(self.matches))
        rows = {
            "map_voc10": map(area_under_curve, self.matches),
            "map_voc07": map(eleven_points, self.matches),
            "map_coco50": (_there(self.coco.of_class_at_half(k)) for k in numbers),
            "map_coco": (_there(self.coco.of_class(k)) for k in numbers),
        }
        return {
            name: tuple(None if ap is None else 100 * ap for ap in values)
            for name, values in rows.items()
        }

    @property
    def means(self) -> dict[str, float]:
        """Mean AP over the classes that have objects, in percent; 0 if none has."""
        means = {}
        for name, values in self.classes.items():
            there = [value for value in values if value is not None]
            means[name] = sum(there) / len(there) if there else 0.0
        return means

    @cached_property
    def f1(self) -> F1Curve:
        """F1 against the threshold, all classes together; its ``best`` threshold."""
        return f1_curve(self.matches)

    def counts(self, threshold: float) -> tuple[Counts, ...]:
        """Of each class: hits, false alarms and objects at a threshold."""
        return tuple(counts_at(one, threshold) for one in self.matches)


def _there(value: float) -> float | None:
    return None if value < 0 else value


def evaluate(
    detections: Sequence[Detections],
    objects: Sequence[Objects],
    num_classes: int,
    *,
    areas: Sequence[Sequence[float] | Tensor] | None = None,
) -> DetectionScores:
    """Scores of the detections in a set of images.

    Neither the order of the images nor that of the boxes changes a score, but for detections with
    equal scores: among these the one earlier in the lists comes first. A detection whose score is
    NaN is left out; one whose box is not finite is a false alarm.

    >>> import torch
    >>> from zoo.ops.boxes.objects import Detections, no_detections, objects
    >>> truth = [objects([[0, 0, 10, 10], [20, 20, 30, 30]], [0, 1]), objects([], [])]
    >>> box, label, score = torch.tensor([[0.0, 0, 10, 9]]), torch.tensor([0]), torch.tensor([0.9])
    >>> scores = evaluate([Detections(box, label, score), no_detections()], truth, num_classes=2)
    >>> scores.means["map_voc10"], round(scores.f1.best, 3)
    (50.0, 0.45)

    Args:
        detections: of each image; every detection that the detector can offer, for the curves are
            made of those with low scores, too.
        objects: of each image.
        areas: of each image the areas of its objects in square pixels, of which COCO makes small,
            medium and large: there those of the outlines. Without it, of the boxes.

    Raises:
        ValueError: if the lists differ in length, or a label is not in 0 ... num_classes - 1.
    """
    lists = flatten(detections, objects, num_classes, areas)
    what = fates(lists)
    return DetectionScores(lists, what, matches(lists, what), coco(lists))
