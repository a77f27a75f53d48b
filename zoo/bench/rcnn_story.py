"""R-CNN, Fast R-CNN and Faster R-CNN on one picture: what each step of the notes' story saves.

All three have the same backbone and heads with the same weights, those of a ``faster_rcnn_small``.
R-CNN runs the network on each proposal of selective search, one crop at a time; Fast R-CNN runs it
once on the picture and cuts the proposals out of its map; Faster R-CNN has its own proposals. "by
proposals" is the share of selective search, or of the proposal network. The weights were trained as
the last one: only its boxes are those of a trained detector. Fast R-CNN finds what selective search
proposes; R-CNN's network has never seen a warped crop: its times are right, its boxes are not.
Notes: course 4, week 3, "Region proposals". Proof: tests/bench/test_rcnn_story.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo import cards
from zoo.datasets.bccd import bccd
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadInput
from zoo.files import atomic, destination
from zoo.loading import load
from zoo.models.fast_rcnn import fast_rcnn
from zoo.models.faster_rcnn import FasterRCNN
from zoo.models.rcnn import rcnn
from zoo.viz.drawn_boxes import side_by_side

ROUNDS = 5
HEAD = ("network", "proposals", "found", "ms", "CPU ms", "by proposals", "times Faster R-CNN")
ARCH, THRESHOLD = "faster_rcnn_small", 0.5
FASTER = "Faster R-CNN"
MOST = 60.0  # seconds: slow machines run fewer rounds


@dataclass(frozen=True)
class Row:
    """One network: median seconds; the ratio is the median over the rounds, of CPU time."""

    what: str
    proposals: int
    found: int
    seconds: float
    cpu: float
    share: float
    ratio: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        times = [f"{1e3 * seconds:.1f}" for seconds in (self.seconds, self.cpu)]
        counts = [str(self.proposals), str(self.found)]
        return (self.what, *counts, *times, f"{self.share:.0%}", f"{self.ratio:.1f}")


def run(
    rounds: int, *, weights: str = "faster_rcnn_small.bccd", picture: str = "", plot: str = ""
) -> Iterator[Row]:
    """Measure all three, and draw what they find.

    Args:
        rounds: how often each side runs.
        weights: of a faster_rcnn_small.
        picture: a file; by default the first test picture of BCCD.
        plot: a PNG to write, the three answers side by side with their times.

    Raises:
        BadInput: for weights of another network.
        Missing: if the picture or BCCD is not there.
        CannotWrite: for a plot that cannot be written; nothing is measured then.
    """
    if plot:
        destination(Path(plot))
    if cards.card(weights).arch != ARCH:
        raise BadInput(f"--weights must be those of a {ARCH}, got {weights}")
    loaded: Any = load(weights, device="cpu")
    model: FasterRCNN = loaded.model
    image, pixels = _image(loaded.front_end, picture)
    networks: dict[str, Any] = {**earlier(model), FASTER: model}
    answers, times = {}, {}
    with torch.inference_mode():
        sides: dict[str, Work] = {}
        for name, network in networks.items():
            sides[name] = partial(network.detect, image, threshold=THRESHOLD)
            [answers[name]] = network.detect(image, threshold=THRESHOLD)
        sides |= {PROPOSALS[name]: part for name, part in _proposing(networks, image).items()}
        times = interleaved({k: partial(_prepared, v) for k, v in sides.items()}, rounds, most=MOST)
        counts = {name: len(network(image).proposals[0]) for name, network in networks.items()}
    rows = [
        Row(
            name,
            counts[name],
            answers[name].size,
            times[name].median,
            times[name].cpu_median,
            times[PROPOSALS[name]].cpu_ratio(times[name]),
            times[name].cpu_ratio(times[FASTER]),
        )
        for name in networks
    ]
    if plot:
        titles = [f"{row.what}: {1e3 * row.seconds:.0f} ms, {row.found} found" for row in rows]
        found = [answers[name] for name in networks]
        with atomic(Path(plot)) as file:
            side_by_side(pixels, found, titles, loaded.classes).save(file, "PNG")
    yield from rows


PROPOSALS = {
    "R-CNN": "selective search",
    "Fast R-CNN": "selective search",
    FASTER: "proposal network",
}


def earlier(model: FasterRCNN) -> dict[str, Any]:
    """R-CNN and Fast R-CNN with the backbone and the heads of a Faster R-CNN."""
    state = {k: v for k, v in model.state_dict().items() if not k.startswith("rpn.")}
    made: dict[str, Any] = {}
    for name, build in (("R-CNN", rcnn), ("Fast R-CNN", fast_rcnn)):
        made[name] = build(model.num_classes).eval()
        made[name].judge.load_state_dict(state)
    return made


def _proposing(networks: dict[str, Any], image: Tensor) -> dict[str, Work]:
    """Of each network the part that proposes, by the network's name."""
    faster = networks[FASTER]
    size = (image.shape[2], image.shape[3])
    with torch.inference_mode():
        maps = faster.backbone(image)
    search = partial(networks["R-CNN"].propose, image)

    def by_network() -> None:
        faster.rpn.propose(faster.rpn(maps, size), size)

    return {"R-CNN": search, FASTER: by_network}


def _image(front_end: Any, picture: str) -> tuple[Tensor, Tensor]:
    """The network's input (1, 3, H, W), and its pixels (3, H, W) uint8."""
    if picture:
        image = front_end(picture).image[None]
        return image, (image[0] * 255).round().clamp(0, 255).to(torch.uint8)
    pixels = bccd(front_end.size, front_end.fit).test.pixels[:1]
    return front_end.normalise(pixels), pixels[0]


def _prepared(side: Work) -> Work:
    return side  # there is nothing to prepare
