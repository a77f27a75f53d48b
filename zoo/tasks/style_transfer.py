"""A network that paints photographs in the style of one picture, in one pass.

Paper: Johnson, Alahi & Fei-Fei 2016, arXiv:1603.08155, sec. 3: the network is trained with the
losses that otherwise a picture is optimised with (zoo/losses/style.py), on any photographs; total
variation is added. Notes: course 4, week 4, "Neural Style Transfer".
Deviations: the style loss of each layer is divided by what it is for the photographs as they are,
and the content loss by the variance of their features, so that both begin near 1 and weights mean
the same with any feature network; values outside of [0, 1] are penalised. The scores are these
shares: ``style`` 1 is the photograph, 0 the painting's statistics; ``content`` 0 is the photograph.
Proof: tests/tasks/test_style_transfer.py.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from PIL import Image
from torch import Tensor

from zoo.data.batches import shuffled
from zoo.data.image.styled_photographs import StyledPhotographs
from zoo.engine import distributed
from zoo.engine.seed import generator
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.losses.style import convention, out_of_range, total_variation
from zoo.nn.eval_mode import eval_mode
from zoo.viz.mistakes import image_array, save_image
from zoo.viz.picture_sheet import PictureSheet, Row

VIEW = 256  # pixels of a side of what is scored: the middle of a photograph
SAMPLE = 32  # photographs of train whose losses are the unit, at most
LEAST_CROP = 32
RANGE_WEIGHT = 1.0  # of values outside of [0, 1]
LEAST = 1e-12  # of what is divided by
MISTAKES = 6
STYLE_FILE = ".style.png"  # end of the name of the picture beside the weights
Features = dict[str, Tensor]


class Losses(NamedTuple):
    """Of some pictures, each a scalar."""

    style: Tensor
    content: Tensor
    roughness: Tensor  # total variation
    outside: Tensor  # of [0, 1]


@dataclass
class StyleTransferTask(Task):
    """Photographs, a style, and a network of features that compares them."""

    model: Any  # images (N, 3, H, W) in [0, 1] to pictures of the same size
    data: StyledPhotographs
    features: Callable[[], Any]  # makes a FeatureNetwork (zoo/nn/features.py)
    batch_size: int = 4
    seed: int = 0
    crop: int = 160  # pixels of a side of what is learned from
    style_weight: float = 1.0
    content_weight: float = 0.2  # at 0.03 the scores of style are better, and cats are lost
    variation_weight: float = 0.1

    units: ClassVar[Mapping[str, str]] = {}

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        if not self.batch_size >= 1:
            raise BadInput(f"batch_size must be at least 1, got {self.batch_size}")
        if self.crop < LEAST_CROP:
            raise BadInput(f"crop must be at least {LEAST_CROP} pixels, got {self.crop}")
        weights = (self.style_weight, self.content_weight, self.variation_weight)
        if not min(weights) >= 0 or not self.style_weight > 0:
            raise BadInput(f"weights must be 0 or more, and style_weight above 0, got {weights}")
        network: Any = self.features()
        self._features: Any = network.to(self.device).eval().requires_grad_(False)
        self._how = convention(network.convention)
        self._layers = tuple(dict.fromkeys((*network.style_layers, *network.content_layers)))
        with torch.no_grad():
            style = self._features.extract(self._scaled(self.data.style[None]), self._layers)
            self._wanted = {k: self._how.statistic(style[k]) for k in network.style_layers}
            self._unit()

    def _unit(self) -> None:
        """What the losses are divided by: the style loss and variance of photographs of train."""
        train = self.data.photographs.train
        sample = train.pick(range(min(len(train), SAMPLE))).squares(VIEW)
        styles = dict.fromkeys(self._features.style_layers, 0.0)
        spreads = dict.fromkeys(self._features.content_layers, 0.0)
        for image in sample.split(1):
            found = self._features.extract(self._scaled(image), self._layers)
            for name in styles:
                loss = self._how.style(self._how.statistic(found[name]), self._wanted[name])
                styles[name] += float(loss) / len(sample)
            for name in spreads:
                variance = found[name].var((2, 3), correction=0).mean()
                spreads[name] += float(variance) / len(sample)
        self._style_unit = {name: max(value, LEAST) for name, value in styles.items()}
        self._content_unit = {name: max(value, LEAST) for name, value in spreads.items()}

    def _scaled(self, pixels: Tensor) -> Tensor:
        return pixels.to(self.device).float() / 255

    @property
    def compared_by(self) -> Any:
        """The ``FeatureNetwork``."""
        return self._features

    def batches(self, epoch: int, start: int = 0) -> Iterator[Tensor]:
        """Images (n, 3, crop, crop) in [0, 1] of this rank: a crop of every photograph an epoch."""
        train = self.data.photographs.train
        place = {"rank": distributed.rank(), "world": distributed.world()}
        order = shuffled(len(train), self.batch_size, self.seed, epoch, start=start, **place)
        for number, index, local in order:
            draw = generator(self.seed, "crops", epoch, number)
            yield self._scaled(train.crops(index, local, self.crop, draw))

    def loss(self, batch: Tensor) -> Tensor:
        """The weighted sum of style, content, total variation and values out of range."""
        return self.weighed(self.losses(self.model(batch).float(), batch))

    def weighed(self, found: Losses) -> Tensor:
        """The sum that is minimised."""
        return (
            self.style_weight * found.style
            + self.content_weight * found.content
            + self.variation_weight * found.roughness
            + RANGE_WEIGHT * found.outside
        )

    def losses(self, pictures: Tensor, photographs: Tensor) -> Losses:
        """Of pictures (N, 3, H, W) that were made of photographs, both in [0, 1]."""
        network = self._features
        with torch.no_grad():
            before = network.extract(photographs, network.content_layers)
        found = network.extract(pictures, self._layers)
        weights = self._how.layer_weights(network.style_layers)
        share = sum(weights.values())
        style = torch.stack(
            [
                weights[name]
                / share
                / self._style_unit[name]
                * self._how.style(self._how.statistic(found[name]), wanted)
                for name, wanted in self._wanted.items()
            ]
        ).sum()
        content = torch.stack(
            [
                (found[name] - maps).float().square().mean() / self._content_unit[name]
                for name, maps in before.items()
            ]
        ).mean()
        return Losses(style, content, total_variation(pictures), out_of_range(pictures))

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return dict.fromkeys(("objective", "style", "content"), "lower")

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """The losses over the middle of every photograph of ``split``, the mean.

        Returns:
            ``objective``: what is minimised; ``style``: 1 for photographs as they are, 0 for the
            statistics of the painting; ``content``: 0 for photographs as they are, 1 for what is
            as far from them as their features vary.
        """
        return self.score(self.painted, split)

    @torch.no_grad()
    def score(self, paint: Callable[[Tensor], Tensor], split: str = "dev") -> dict[str, float]:
        """``evaluate`` of any way to make pictures of photographs, both (1, 3, H, W) in [0, 1]."""
        sums = torch.zeros(3, dtype=torch.float64)
        views = self.data.parts()[split].squares(VIEW)
        for image in views.split(1)[distributed.rank() :: distributed.world()]:
            photograph = self._scaled(image)
            found = self.losses(paint(photograph).clamp(0, 1), photograph)
            sums += torch.stack([self.weighed(found), found.style, found.content]).double().cpu()
        means = (distributed.total(sums.to(self.device)) / len(views)).tolist()
        return dict(zip(self.scores, means, strict=True))

    @torch.no_grad()
    def painted(self, photograph: Tensor) -> Tensor:
        """What the network makes of photographs (N, 3, H, W), in evaluation mode."""
        with eval_mode(self.model):
            picture: Tensor = self.model(photograph).float()
        return picture

    def mistakes(self, split: str = "test", most: int = MISTAKES) -> PictureSheet:
        """The photographs with the highest loss, and what the network makes of them."""
        part = self.data.parts()[split]
        rows: list[tuple[float, Row]] = []
        for name, image in zip(part.names, part.squares(VIEW), strict=True):
            photograph = self._scaled(image[None])
            picture = self.painted(photograph).clamp(0, 1)
            with torch.no_grad():
                found = self.losses(picture, photograph)
            text = f"{name}: style {float(found.style):.3f}, content {float(found.content):.3f}"
            rows.append((float(self.weighed(found)), Row((image, _bytes(picture[0])), text)))
        worst = sorted(rows, key=lambda row: -row[0])[:most]
        title = f"{self.data.name}, {split}"
        return PictureSheet(tuple(row for _, row in worst), ("photograph", "painted"), title)

    def card_facts(self) -> dict[str, Any]:
        """Task and front end for the card."""
        front_end = self.data.front_end.to_card()
        return {"task": "style_transfer", "front_end": front_end, "classes": []}

    def extra_files(self) -> Mapping[str, bytes]:
        """The style, and a notice of whose photographs these are, if they want it told."""
        buffer = io.BytesIO()
        Image.fromarray(image_array(self.data.style)).save(buffer, "PNG")
        files, credits = {STYLE_FILE: buffer.getvalue()}, self.data.photographs.credits
        if credits:
            learned = f"Learned from {self.data.style_name} and photographs of {self.data.name}:"
            files[".NOTICE.txt"] = f"{learned}\n{credits}\n".encode()
        return files

    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/painted.png, photographs of the test set; the scores as text."""
        self.mistakes("test").titled(title).save(folder / "painted.png")
        whole = self.evaluate("test")
        return "\n".join(f"{name} {value:.3f}" for name, value in whole.items())

    def example(self, folder: Path) -> str:
        """Write ``folder``/example.png, a photograph of the test set; returns its path."""
        save_image(self.data.photographs.test.images[0], folder / "example.png")
        return str(folder / "example.png")


def _bytes(picture: Tensor) -> Tensor:
    """(3, H, W) in [0, 1] to uint8."""
    return (picture * 255).round().to(torch.uint8).cpu()
