"""Features that learn to predict those of another network: distillation of a feature network.

Papers: Hinton, Vinyals & Dean 2015, arXiv:1503.02531 (a small network learns from a large one);
Romero et al. 2015, arXiv:1412.6550, sec. 2.2 (it learns its features, through a map that only
training needs). Each layer of the teacher, standardised channel by channel, is predicted by a
linear map of a layer of the student, position by position, after the student's maps are averaged
down to the teacher's grid; the loss is the mean squared error. The maps are no part of the network:
the score fits them anew by least squares on train, so that it is one of the features alone.
Deviations: a linear map and no regressor of its own depth; all layers at once.
Proof: tests/tasks/test_image_features.py.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.data.batches import shuffled
from zoo.data.image.augment_colour import Augment
from zoo.data.image.photographs import Photographs, PhotographSplits
from zoo.engine import distributed
from zoo.engine.seed import generator
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.metrics.unexplained_variance import Readout, Shares, fit_readout, shares
from zoo.nn.eval_mode import eval_mode
from zoo.viz.curves import save
from zoo.viz.feature_maps import feature_figure
from zoo.viz.mistakes import save_image
from zoo.viz.picture_sheet import PictureSheet, Row

VIEW = 192  # pixels of a side of what a photograph is measured on
SAMPLE = 128  # photographs of train that the maps of the score are fitted on, at most
MISTAKES = 12
LEAST = 64  # pixels of a side of a crop; a teacher that reflects its borders needs some
GRID = 32  # a crop must be a multiple of it: the stride of the coarsest layer of usual teachers
Maps = dict[str, Tensor]


class Distilled(nn.Module):
    """A student with a linear map for each layer of the teacher, which only training needs.

    Args:
        network: the student, a ``FeatureNetwork``.
        pairs: the student's layer for each of the teacher's.
        channels: of the student's and the teacher's maps, by the teacher's layer.
    """

    def __init__(
        self, network: Any, pairs: Mapping[str, str], channels: Mapping[str, tuple[int, int]]
    ) -> None:
        super().__init__()
        self.network, self.pairs = network, dict(pairs)
        self.heads = nn.ModuleDict({k: nn.Conv2d(*channels[k], 1) for k in pairs})

    def forward(self, images: Tensor, grids: Mapping[str, tuple[int, int]]) -> Maps:
        """Images (N, 3, H, W) to predictions of the teacher's maps, of the sizes ``grids``."""
        seen = seen_by(self.network, images, self.pairs, grids)
        return {name: self.heads[name](maps) for name, maps in seen.items()}


def seen_by(
    network: Any, images: Tensor, pairs: Mapping[str, str], grids: Mapping[str, tuple[int, int]]
) -> Maps:
    """The student's maps for each layer of the teacher, averaged down to its grid."""
    features = network.extract(images, set(pairs.values()))
    return {
        theirs: F.adaptive_avg_pool2d(features[own], grids[theirs]) for theirs, own in pairs.items()
    }


@dataclass
class ImageFeaturesTask(Task):
    """Photographs that a teacher looks at too; scored by the variance that stays unexplained."""

    model: Any  # a FeatureNetwork (zoo/nn/features.py), then a ``Distilled``
    data: PhotographSplits
    teacher: Callable[[], Any]  # makes a FeatureNetwork that is not trained, with its ``licence``
    pairs: Mapping[str, str]  # the student's layer for each of the teacher's
    batch_size: int = 8
    seed: int = 0
    crop: int = 96  # pixels of a side of what is learned from
    augment: Augment | None = None

    units: ClassVar[Mapping[str, str]] = {}

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        if not self.batch_size >= 1:
            raise BadInput(f"batch_size must be at least 1, got {self.batch_size}")
        if self.crop < LEAST or self.crop % GRID:
            raise BadInput(f"crop must be {LEAST} or more pixels, in steps of {GRID}: {self.crop}")
        self._teacher: Any = self.teacher().to(self.device)
        self._views: dict[str, tuple[Tensor, Maps]] = {}
        probe = torch.zeros(1, 3, LEAST, LEAST, device=self.device)
        with torch.no_grad(), eval_mode(self.model):
            own = self.model.extract(probe, set(self.pairs.values()))
        taught = self._taught(probe)
        channels = {k: (own[v].shape[1], taught[k].shape[1]) for k, v in self.pairs.items()}
        self.model = Distilled(self.model, self.pairs, channels).to(self.device)

    @property
    def kept_network(self) -> nn.Module:
        """The student without the linear maps."""
        network: nn.Module = self.model.network
        return network

    def batches(self, epoch: int, start: int = 0) -> Iterator[Tensor]:
        """Images (n, 3, crop, crop) in [0, 1] of this rank: a crop of every photograph an epoch."""
        train = self.data.train
        place = {"rank": distributed.rank(), "world": distributed.world()}
        order = shuffled(len(train), self.batch_size, self.seed, epoch, start=start, **place)
        for number, index, local in order:
            draw = generator(self.seed, "crops", epoch, number)
            pixels = train.crops(index, local, self.crop, draw)
            if self.augment is not None:
                pixels = self.augment(pixels, draw)
            yield pixels.to(self.device).float() / 255

    def loss(self, batch: Tensor) -> Tensor:
        """The mean squared error of the standardised features, the mean over the layers."""
        wanted = self._standardised(self._taught(batch))
        predicted = self.model(batch, _grids(wanted))
        errors = [F.mse_loss(predicted[name].float(), one) for name, one in wanted.items()]
        return torch.stack(errors).mean()

    @torch.no_grad()
    def _taught(self, images: Tensor) -> Maps:
        """The teacher's maps, in float32 whatever precision training has."""
        with torch.autocast(self.device.type, enabled=False):
            maps: Maps = self._teacher.extract(images, set(self.pairs))
        return maps

    def _standardised(self, maps: Maps) -> Maps:
        return {
            name: (one - self._level[name][0]) / self._level[name][1] for name, one in maps.items()
        }

    @cached_property
    def _level(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Mean and standard deviation of each channel of the teacher over views of train."""
        level = {}
        for name, one in self._view("train")[1].items():
            flat = one.transpose(0, 1).flatten(1)
            std = flat.std(1, correction=0).clamp_min(1e-6)
            level[name] = (flat.mean(1).view(-1, 1, 1), std.view(-1, 1, 1))
        return level

    def _view(self, split: str) -> tuple[Tensor, Maps]:
        """The middle of the photographs of a part in [0, 1], and the teacher's maps; made once."""
        if split not in self._views:
            part = self._part(split)
            images = part.squares(VIEW).to(self.device).float() / 255
            maps = [self._taught(one[None]) for one in images]
            joined = {name: torch.cat([one[name] for one in maps]) for name in self.pairs}
            self._views[split] = (images, joined)
        return self._views[split]

    def _part(self, split: str) -> Photographs:
        part = self.data.parts()[split] if split != "train" else self.data.train
        return part.pick(range(min(len(part), SAMPLE))) if split == "train" else part

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return dict.fromkeys(("unexplained_variance", *map(score_of, self.pairs)), "lower")

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """The share of the variance of the teacher's features that the student's leave unexplained.

        Returns:
            ``unexplained_variance``: the mean over the layers; and that of each layer.
        """
        found = self._shares(split)
        rows = {
            score_of(name): _total([one[name] for one in found]).unexplained for name in self.pairs
        }
        return {"unexplained_variance": sum(rows.values()) / len(rows), **rows}

    @torch.no_grad()
    def _shares(self, split: str) -> list[dict[str, Shares]]:
        """Of each photograph of a part, by layer. Every rank computes all of them."""
        readouts = self._readouts()
        with eval_mode(self.model):
            return [
                {
                    name: shares(readouts[name], own, theirs)
                    for name, (own, theirs) in self._rows(split, i).items()
                }
                for i in range(len(self._part(split)))
            ]

    def _readouts(self) -> dict[str, Readout]:
        """The linear map to each layer of the teacher, fitted on train."""
        with eval_mode(self.model):
            rows = [self._rows("train", i) for i in range(len(self._part("train")))]
        return {name: fit_readout(one[name] for one in rows) for name in self.pairs}

    def _rows(self, split: str, i: int) -> dict[str, tuple[Tensor, Tensor]]:
        """Features (n, D) and standardised targets (n, K) of a photograph, by layer."""
        images, maps = self._view(split)
        taught = self._standardised({name: one[i : i + 1] for name, one in maps.items()})
        network = self.model.network
        seen = seen_by(network, images[i : i + 1], self.pairs, _grids(taught))
        return {name: (_positions(seen[name]), _positions(one)) for name, one in taught.items()}

    def mistakes(self, split: str = "test", most: int = MISTAKES) -> PictureSheet:
        """The photographs whose features are explained worst."""
        worth = [
            sum(one.unexplained for one in by_layer.values()) / len(by_layer)
            for by_layer in self._shares(split)
        ]
        part = self._part(split)
        worst = sorted(range(len(worth)), key=lambda i: -worth[i])[:most]
        rows = (
            Row((part.images[i],), f"{part.names[i]}: unexplained variance {worth[i]:.3f}")
            for i in worst
        )
        return PictureSheet(tuple(rows), title=f"{self.data.name}, {split}")

    def card_facts(self) -> dict[str, Any]:
        """Task and front end for the card; the weights stand under two licences."""
        facts = {"task": "image_features", "front_end": self.data.front_end.to_card()}
        licence = f"MIT; learned from {self._teacher.licence}"
        return {**facts, "classes": [], "weights_licence": licence}

    def extra_files(self) -> Mapping[str, bytes]:
        """The notice: whose network and whose photographs the weights were learned from."""
        lines = [
            "These weights were learned by predicting the features of another network:",
            self._teacher.notice,
        ]
        if self.data.credits:
            lines += ["", f"on photographs of {self.data.name}:", self.data.credits]
        return {".NOTICE.txt": ("\n".join(lines) + "\n").encode()}

    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/features.png, the maps of a test photograph; the scores as text."""
        image = self._part("test").squares(VIEW)[0]
        with torch.no_grad(), eval_mode(self.model):
            network = self.model.network
            found = network.extract(image[None].to(self.device).float() / 255)
        maps = {name: one[0].float().cpu() for name, one in found.items()}
        save(feature_figure(image, maps), folder / "features.png")
        return "\n".join(f"{name} {value:.3f}" for name, value in self.evaluate("test").items())

    def example(self, folder: Path) -> str:
        """Write ``folder``/example.png, a photograph of the test set; returns its path."""
        save_image(self.data.test.images[0], folder / "example.png")
        return str(folder / "example.png")


def score_of(layer: str) -> str:
    """The name of the score of one layer."""
    return f"unexplained_{layer}"


def _grids(maps: Maps) -> dict[str, tuple[int, int]]:
    """Height and width of each layer's maps."""
    return {name: (one.shape[2], one.shape[3]) for name, one in maps.items()}


def _positions(maps: Tensor) -> Tensor:
    """(N, C, H, W) to (N H W, C), on the CPU."""
    return maps.float().permute(0, 2, 3, 1).flatten(0, 2).cpu()


def _total(parts: list[Shares]) -> Shares:
    return Shares(sum(one.missed for one in parts), sum(one.all for one in parts))
