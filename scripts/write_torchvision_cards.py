"""Write the cards of torchvision's weights, from what torchvision itself says of them.

python scripts/write_torchvision_cards.py [FOLDER]

Nothing is downloaded: address, preset, classes and measured accuracy are in torchvision's weight
enums. The published numbers of the papers are below, each with its source.
"""

import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import torch
import torchvision

from zoo import files
from zoo.cards import Card
from zoo.data.image.boxes.front_end import SIDES, BoxFrontEnd
from zoo.data.image.boxes.threshold import in_card
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.ops.boxes.coco_names import IDS, NAMES

LABELS, CATEGORIES = "imagenet_1k.txt", "coco_90.txt"
THEIRS = {"alexnet_owt": "alexnet", "googlenet_tv": "googlenet"}  # our name -> torchvision's
ARCHITECTURES = (
    "alexnet_owt",
    *(f"vgg{depth}{bn}" for depth in (11, 13, 16, 19) for bn in ("", "_bn")),
    *(f"resnet{depth}" for depth in (18, 34, 50, 101, 152)),
    *("googlenet_tv", "inception_v3"),
)
BARE: dict[str, dict[str, Any]] = {  # without auxiliary heads, as ours are built by default
    "googlenet": {"aux_logits": False, "init_weights": False},
    "inception_v3": {"aux_logits": False, "init_weights": False},
}

VGG = "Simonyan and Zisserman 2015, Table 3, {}, one scale, dense evaluation"
HE = "KaimingHe/deep-residual-networks README, 1 crop"
PAPER: dict[str, tuple[float, str]] = {  # top-1 error in percent on ILSVRC-2012 val
    "vgg11": (29.6, VGG.format("A")),
    "vgg13": (28.7, VGG.format("B")),
    "vgg16": (25.6, VGG.format("D with scale jitter")),
    "vgg19": (25.5, VGG.format("E with scale jitter")),
    "resnet50": (24.7, HE),
    "resnet101": (23.6, HE),
    "resnet152": (23.0, HE),
    "inception_v3": (21.2, "Szegedy et al. 2015, arXiv:1512.00567, Table 3, 1 crop"),
}
NOTES = {
    "googlenet_tv": "ported from TensorFlow; the auxiliary heads in the file are random and are "
    "not loaded; mean and std of 0.5 stand for torchvision's transform_input",
    "inception_v3": "ported from TensorFlow; the auxiliary head is loaded with auxiliary=True; "
    "mean and std of 0.5 stand for torchvision's transform_input",
}


def cards() -> list[Card]:
    """One card for each weights of each architecture that have a measured accuracy."""
    found = []
    for arch in ARCHITECTURES:
        enum = torchvision.models.get_model_weights(THEIRS.get(arch, arch))
        found += [card(arch, one) for one in enum if one.name.startswith("IMAGENET1K_V")]
    return found


def card(arch: str, weights: Any) -> Card:
    """The card of one weights enum."""
    name = f"{arch}.tv_in1k_{weights.name.removeprefix('IMAGENET1K_').lower()}"
    meta = weights.meta
    accuracy = meta["_metrics"]["ImageNet-1K"]
    error = round(100 - accuracy["acc@1"], 3)
    paper, source = PAPER.get(arch, (None, "the paper has no top-1 error to compare with"))
    measured = (
        f"measured by torchvision on the validation set, one crop: top-1 error {error:g} %, "
        f"top-5 {100 - accuracy['acc@5']:.3f} %; not measured again here"
    )
    return Card(
        name=name,
        arch=arch,
        arguments={},
        task="classification",
        front_end=front_end(arch, weights).to_card(),
        classes=list(meta["categories"]),
        parameters=parameters(THEIRS.get(arch, arch)),
        file=weights.url.rpartition("/")[2],
        bytes=round(meta["_file_size"] * 2**20),
        sha256=beginning(weights.url),
        data="ImageNet-1k",
        data_licence="ImageNet's terms of access: non-commercial research and education",
        weights_licence="none stated by torchvision, whose code is BSD-3-Clause",
        recipe=meta["recipe"],
        settings={},
        seeds=[],
        seconds=0.0,
        device="not stated",
        metric="error",
        measured=[error],
        shipped=error,
        paper=paper,
        paper_source=source,
        within=0.0,
        test_vector={},
        url=weights.url,
        notes="; ".join(filter(None, (NOTES.get(arch), measured))),
        converter="torchvision",
        labels=LABELS,
    )


def detector() -> Card:
    """The card of Faster R-CNN with ResNet-50 and a feature pyramid."""
    weights = torchvision.models.get_model_weights("fasterrcnn_resnet50_fpn").COCO_V1
    names = dict(zip(IDS, NAMES, strict=True))
    ap = weights.meta["_metrics"]["COCO-val2017"]["box_map"]
    front_end = BoxFrontEnd((800, 1333), SIDES, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    return Card(
        name="faster_rcnn_resnet50_fpn.tv_coco_v1",
        arch="faster_rcnn_resnet50_fpn",
        arguments={},
        task="detection",
        front_end=in_card(front_end, 0.5),
        classes=[names.get(number, f"not used {number}") for number in range(1, 91)],
        parameters=weights.meta["num_params"],
        file=weights.url.rpartition("/")[2],
        bytes=round(weights.meta["_file_size"] * 2**20),
        sha256=beginning(weights.url),
        data="COCO 2017",
        data_licence="annotations CC BY 4.0; each photograph has its own licence",
        weights_licence="none stated by torchvision, whose code is BSD-3-Clause",
        recipe=weights.meta["recipe"],
        settings={},
        seeds=[],
        seconds=0.0,
        device="not stated",
        metric="map_coco",
        measured=[ap],
        shipped=ap,
        paper=None,
        paper_source="the papers trained on other splits of COCO",
        within=0.0,
        test_vector={},
        url=weights.url,
        notes=f"box AP {ap:g} on COCO val2017 as torchvision publishes it; not measured again here",
        converter="torchvision",
        labels=CATEGORIES,
        better="higher",
    )


def front_end(arch: str, weights: Any) -> ImageFrontEnd:
    """The preset of the weights; ``transform_input`` becomes a mean and std of 0.5."""
    preset = weights.transforms()
    (crop,), (shorter,) = preset.crop_size, preset.resize_size
    half = arch in ("googlenet_tv", "inception_v3")
    mean, std = ((0.5,) * 3,) * 2 if half else (tuple(preset.mean), tuple(preset.std))
    return ImageFrontEnd((crop, crop), mean, std, shorter=shorter)


def beginning(url: str) -> str:
    """The first digits of the sha256, which torchvision puts into the file's name."""
    found = re.search(r"-([0-9a-f]{8,64})\.pth$", url)
    if found is None:
        raise ValueError(f"no beginning of a sha256 in {url}")
    return found[1]


@cache
def parameters(theirs: str) -> int:
    """Trainable parameters of torchvision's network, counted without making their values."""
    with torch.device("meta"):
        model = torchvision.models.get_model(theirs, weights=None, **BARE.get(theirs, {}))
    return sum(p.numel() for p in model.parameters())


def write(folder: Path) -> list[Path]:
    """Write the classes once, and every card; their paths."""
    found = cards()
    if any(one.classes != found[0].classes for one in found):
        raise ValueError("these weights do not share their classes")
    labels = folder / LABELS
    files.write(labels, "\n".join(found[0].classes) + "\n")
    other, categories = detector(), folder / CATEGORIES
    files.write(categories, "\n".join(other.classes) + "\n")
    return [labels, categories, *(one.save(folder) for one in [*found, other])]


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "weights"
    for path in write(chosen):
        print(f"wrote {path}")
