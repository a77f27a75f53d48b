"""Reading and augmenting images: ours beside torchvision's ``ImageFolder`` and ``transforms.v2``.

Reading goes from a JPEG on disk to the normalised input of a network of 224 x 224 pixels: on their
side ImageFolder's loader and the preset of ResNet-18 in its faster form, on tensors. Augmentation
changes a batch of images of 224 x 224 pixels and gives a batch; times are per image. Before
anything is timed, both sides read the same image: to a grey level, or two after a photo is shrunk.
Proof: tests/bench/test_images.py.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from zoo.data.image import augment
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.engine.seed import generator
from zoo.engine.timing import Times, Work, interleaved
from zoo.errors import BadInput

ROUNDS = 5
HEAD = ("what", "ours, ms", "v2, ms", "ratio", "ours, CPU ms", "v2", "CPU ratio")
SIDE = 224
PRESET = ImageFrontEnd((SIDE, SIDE), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), shorter=256)
FILES = {"read 500 x 375": ((500, 375), 20, 0.02), "read 4000 x 3000": ((4000, 3000), 1, 0.6)}
GREY = 1 / 255 / 0.224  # a grey level in the network's input

Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Row:
    """Time per image of both sides."""

    what: str
    ours: Times
    theirs: Times
    images: int

    def cells(self) -> tuple[str, ...]:
        """Milliseconds per image and the ratios."""
        each = 1000 / self.images
        return (
            self.what,
            *(f"{each * one.median:.3f}" for one in (self.ours, self.theirs)),
            f"{self.ours.ratio(self.theirs):.2f}",
            *(f"{each * one.cpu_median:.3f}" for one in (self.ours, self.theirs)),
            f"{self.ours.cpu_ratio(self.theirs):.2f}",
        )


def run(rounds: int, *, batch: int = 32) -> Iterator[Row]:
    """Measure all rows.

    Args:
        rounds: how often each side runs.
        batch: images that are augmented together.

    Raises:
        BadInput: if the two sides do not read the same image.
    """
    with tempfile.TemporaryDirectory() as folder:
        for what, (size, count, apart) in FILES.items():
            path = photo(Path(folder) / "photo.jpg", size)
            check_same(what, PRESET(path), their_reading(path), apart)
            sides = {"ours": partial(PRESET, path), "theirs": partial(their_reading, path)}
            yield _row(what, rounds, count, sides)
    draw = torch.Generator().manual_seed(0)
    shape = (batch, 3, SIDE, SIDE)
    pixels = torch.randint(0, 256, shape, generator=draw, dtype=torch.uint8)
    for what, theirs in their_changes().items():
        both = {
            "ours": partial(_changed, OURS[what], pixels),
            "theirs": partial(_each_changed, theirs, pixels),
        }
        yield replace(_row(what, rounds, 1, both), images=batch)


def _changed(change: augment.Augment, pixels: Tensor) -> Tensor:
    return change(pixels, generator(0))


def _each_changed(change: Change, pixels: Tensor) -> Tensor:
    return torch.stack([change(one) for one in pixels])


OURS: dict[str, augment.Augment] = {
    "flip": augment.flip(),
    "shift": augment.shift(4),
    "resized crop": augment.resized_crop(area=(0.08, 1.0)),
    "brightness, contrast, saturation": augment.colour(),
    "hue": augment.colour(0, 0, 0, hue=0.1),
    "affine": augment.affine(),
    "cutout": augment.cutout(),
}


def their_changes() -> dict[str, Change]:
    """Torchvision's change for each of ours, with the same strengths."""
    from torchvision.transforms import InterpolationMode, v2

    linear = InterpolationMode.BILINEAR
    return {
        "flip": v2.RandomHorizontalFlip(),
        "shift": v2.RandomCrop(SIDE, padding=4),
        "resized crop": v2.RandomResizedCrop(SIDE),
        "brightness, contrast, saturation": v2.ColorJitter(0.4, 0.4, 0.4),
        "hue": v2.ColorJitter(hue=0.1),
        "affine": v2.RandomAffine(10, (0.06, 0.06), (0.9, 1.1), 5.7, interpolation=linear),
        "cutout": v2.RandomErasing(1.0, scale=(0.25, 0.25), ratio=(1, 1)),
    }


def their_reading(path: Path) -> Tensor:
    """ImageFolder's loader and the preset, as v2 has it on tensors."""
    from torchvision.datasets.folder import default_loader

    read: Tensor = _preset()(default_loader(str(path)))
    return read


def _preset() -> Callable[[object], Tensor]:
    from torchvision.transforms import v2

    preset: Callable[[object], Tensor] = v2.Compose(
        [
            *(v2.PILToTensor(), v2.Resize(256, antialias=True), v2.CenterCrop(SIDE)),
            *(v2.ToDtype(torch.float32, scale=True), v2.Normalize(PRESET.mean, PRESET.std)),
        ]
    )
    return preset


def photo(path: Path, size: tuple[int, int]) -> Path:
    """Write a JPEG that is smooth with some noise, as photos are; width and height in pixels."""
    draw = np.random.default_rng(0)
    coarse = Image.fromarray(draw.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC)).astype(np.int16)
    noisy = smooth + draw.integers(-8, 9, smooth.shape, dtype=np.int16)
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=92)
    return path


def check_same(what: str, ours: Tensor, theirs: Tensor, apart: float) -> None:
    """Raise BadInput unless the inputs differ by at most ``apart`` grey levels on average."""
    difference = float((ours - theirs).abs().mean()) / GREY
    if not difference <= apart:
        raise BadInput(f"{what}: the sides differ by {difference:.2f} grey levels, not {apart}")


def _row(what: str, rounds: int, count: int, sides: Mapping[str, Work]) -> Row:
    """Time ``count`` calls of each side."""

    def repeated(work: Work) -> Callable[[], Work]:
        return lambda: lambda: [work() for _ in range(count)]

    times = interleaved({name: repeated(work) for name, work in sides.items()}, rounds)
    return Row(what, times["ours"], times["theirs"], count)
