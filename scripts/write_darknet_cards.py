"""Write the cards of Darknet's published detectors.

python scripts/write_darknet_cards.py [FOLDER]

Nothing is downloaded. Only files whose whole sha256 and size are published get a card; the digests
below stand in many programs that download these files, the sizes in AlexeyAB/darknet#1910. Other
files of Darknet are read with ``zoo.pretrained.darknet.load``.
"""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import torch

from zoo import files, registry
from zoo.cards import Card
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.ops.boxes.coco_names import NAMES

LABELS = "coco_80.txt"
ADDRESS = "https://data.pjreddie.com/files/"
CFG = "https://github.com/pjreddie/darknet/blob/master/cfg/"
V3 = "arXiv:1804.02767 has AP50 57.9 at 608 x 608 (abstract)"
PUBLISHED_MASKS = ((3, 4, 5), (1, 2, 3))  # of yolov3-tiny; its cfg file of today says 0, 1, 2


class Published(NamedTuple):
    """What is known of a file."""

    arch: str
    file: str
    bytes: int
    sha256: str
    size: int  # of the images
    ap50: float  # on test-dev, as README of AlexeyAB/darknet and Redmon's page have it
    source: str
    arguments: dict[str, Any]
    notes: str = ""


FILES = (
    Published(
        "yolov3",
        "yolov3.weights",
        248_007_048,
        "523e4e69e1d015393a1b0a441cef1d9c7659e3eb2d7e15f793f060a21b32f297",
        416,
        55.3,
        f"no AP50 at this size; {V3}",
        {},
    ),
    Published(
        "yolov3_tiny",
        "yolov3-tiny.weights",
        35_434_956,
        "dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c",
        416,
        33.1,
        "the paper has no YOLOv3-tiny",
        {"masks": [list(mask) for mask in PUBLISHED_MASKS]},
        "trained with anchors 1, 2, 3 in the second head, whatever the cfg file of today says; ",
    ),
    Published(
        "yolov2",
        "yolov2.weights",
        203_934_260,
        "d9945162ed6f54ce1a901e3ec537bdba4d572ecae7873087bd730e5a7942df3f",
        608,
        48.1,
        "the paper has an older YOLOv2 on COCO",
        {},
    ),
)


def card(known: Published) -> Card:
    """The card of one file."""
    with torch.device("meta"):
        model = registry.build(known.arch, **known.arguments)
    return Card(
        name=f"{known.arch}.coco",
        arch=known.arch,
        arguments=known.arguments,
        task="detection",
        front_end=BoxFrontEnd((known.size, known.size), "darknet").to_card(),
        classes=list(NAMES),
        parameters=sum(p.numel() for p in model.parameters()),
        file=known.file,
        bytes=known.bytes,
        sha256=known.sha256,
        data="COCO 2014",
        data_licence="annotations CC BY 4.0; each photograph has its own licence",
        weights_licence="none stated for the weights; Darknet is in the public domain",
        recipe=f"{CFG}{known.file.replace('.weights', '.cfg')}",
        settings={},
        seeds=[],
        seconds=0.0,
        device="not stated",
        metric="map_coco50",
        measured=[known.ap50],
        shipped=known.ap50,
        paper=None,
        paper_source=known.source,
        within=0.0,
        test_vector={},
        url=f"{ADDRESS}{known.file}",
        notes=f"{known.notes}AP50 on test-dev at {known.size} x {known.size} as published by "
        "Darknet's authors; not measured again here",
        better="higher",
        converter="darknet",
        labels=LABELS,
    )


def write(folder: Path) -> list[Path]:
    """Write the classes once, and every card; their paths."""
    labels = folder / LABELS
    files.write(labels, "\n".join(NAMES) + "\n")
    return [labels, *(card(known).save(folder) for known in FILES)]


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "weights"
    for path in write(chosen):
        print(f"wrote {path}")
