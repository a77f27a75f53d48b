"""What a detector's report shows: mistakes cut out of the images, and the text.

Proof: tests/tasks/test_detection_report.py.
"""

from collections.abc import Sequence

import torch

from zoo.data.image.boxes.images import BoxedImages
from zoo.metrics.detection.mistakes import BoxMistake, worst_alarms, worst_misses
from zoo.metrics.detection.scores import DetectionScores
from zoo.metrics.detection.table import table, twelve_lines
from zoo.viz.detection_mistakes import Cut, DetectionMistakes, cut


def mistakes_of(
    scores: DetectionScores, part: BoxedImages, threshold: float, most: int, title: str
) -> DetectionMistakes:
    """The worst missed objects and false alarms, as many of each.

    Args:
        scores: of the images of ``part``, boxes in pixels of the images themselves.
        most: of each.
    """
    missed = worst_misses(scores, part.classes, threshold, most)
    alarms = worst_alarms(scores, part.classes, threshold, most)
    return DetectionMistakes(_cuts(missed, part), _cuts(alarms, part), title)


def _cuts(mistakes: Sequence[BoxMistake], part: BoxedImages) -> tuple[Cut, ...]:
    cuts = []
    for one in mistakes:
        image, place = one.image, part.places[one.image]
        name = part.names[image] if part.names else f"image {image}"
        label = part.classes[one.label]
        what = f"{label} missed" if one.score is None else f"{label} {one.score:.2f}, false alarm"
        corners = ", ".join(f"{x:.0f}" for x in one.box)
        text = f"{label if one.score is None else f'{label} {one.score:.2f}'}\n{one.reason}"
        box = place.to_input(torch.tensor(one.box))
        line = f"{name}: {what} at {corners}: {one.reason}"
        cuts.append(cut(part.pixels[image].cpu(), box, part.objects[image].boxes.cpu(), text, line))
    return tuple(cuts)


def report_text(scores: DetectionScores, classes: Sequence[str], threshold: float) -> str:
    """AP of each class by all protocols, counts at the threshold, and COCO's twelve numbers."""
    return f"{table(scores, classes, threshold)}\n{twelve_lines(scores)}"
