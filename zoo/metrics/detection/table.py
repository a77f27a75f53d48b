"""AP of each class by all protocols, and what is found at a threshold, as text.

Proof: tests/metrics/detection/test_table.py.
"""

from collections.abc import Sequence

from zoo.metrics.detection.operating_point import Counts
from zoo.metrics.detection.scores import PROTOCOLS, DetectionScores

HEADS = {"map_voc10": "VOC10", "map_voc07": "VOC07", "map_coco50": "COCO50", "map_coco": "COCO"}
FEW = 30  # objects of a class, below which its AP is not reliable


def table(scores: DetectionScores, classes: Sequence[str], threshold: float) -> str:
    """A line for each class that occurs, one for all, and what the columns are.

    Args:
        threshold: of the counts: found, false alarms, missed.
    """
    counts = scores.counts(threshold)
    width = max([len("mean, all"), *map(len, classes)])
    head = " ".join(f"{HEADS[name]:>7}" for name in PROTOCOLS)
    lines = [f"{'AP, %':{width}} {head}   found  missed  false alarms"]
    for k, name in enumerate(classes):
        aps = [scores.classes[protocol][k] for protocol in PROTOCOLS]
        if counts[k] != Counts():
            lines.append(f"{name:{width}} {_row(aps)} {_cells(counts[k])}")
    total = sum(counts, Counts())
    means = [scores.means[protocol] for protocol in PROTOCOLS]
    lines.append(f"{'mean, all':{width}} {_row(means)} {_cells(total)}")
    rates = f"precision {total.precision:.1f} %, recall {total.recall:.1f} %, F1 {total.f1:.1f} %"
    lines.append(f"at threshold {threshold:.3g} (IoU > .5): {rates}")
    lines += PROTOCOLS.values()
    few = [name for name, one in zip(classes, counts, strict=True) if 0 < one.truths < FEW]
    if few:
        lines.append(f"fewer than {FEW} objects, too few for a reliable AP: {', '.join(few)}")
    return "\n".join(lines)


def twelve_lines(scores: DetectionScores) -> str:
    """COCO's twelve numbers, as fractions; -1 where there is no such object. Precision, recall."""
    cells = [f"{name:<10} {value:6.3f}" for name, value in scores.coco.twelve.items()]
    return "\n".join(f"{ap}   {ar}" for ap, ar in zip(cells[:6], cells[6:], strict=True))


def _row(aps: Sequence[float | None]) -> str:
    return " ".join(f"{'-':>7}" if ap is None else f"{ap:>7.2f}" for ap in aps)


def _cells(counts: Counts) -> str:
    return f"{counts.hits:>7} {counts.missed:>7} {counts.alarms:>13}"
