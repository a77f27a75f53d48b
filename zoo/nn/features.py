"""Networks whose features compare pictures: for style transfer, and to look at.

``FeatureNetwork`` is their interface; ``SequentialFeatures`` makes one of a network whose layers
stand in a row, such as torchvision's VGG-19.
Paper: Gatys, Ecker and Bethge 2016, sec. 2: "feature space provided by a normalised version of ...
the 19-layer VGG network", average pooling. Notes: course 4, week 4.
Proof: tests/nn/test_features.py.
"""

import copy
from collections.abc import Collection
from itertools import pairwise
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from zoo.errors import BadInput

Pooling = Literal["average", "max"]
Module = TypeVar("Module", bound=nn.Module)
MEAN, STD = (
    (0.485, 0.456, 0.406),
    (0.229, 0.224, 0.225),
)  # of ImageNet's training set, RGB in [0, 1]


@runtime_checkable
class FeatureNetwork(Protocol):
    """An ``nn.Module`` that gives the features of pictures, layer by layer."""

    layers: tuple[str, ...]
    """Their names, from the image on: ("rgb", "1_1", ...)."""

    content_layers: tuple[str, ...]
    """Those that hold what is in a picture, unless others are asked for."""

    style_layers: tuple[str, ...]
    """Those whose statistics hold its style."""

    convention: str
    """That of zoo/losses/style.py which fits its features."""

    def extract(
        self,
        images: Tensor,
        layers: Collection[str] | None = None,
        *,
        pooling: Pooling = "average",
    ) -> dict[str, Tensor]:
        """The features of images by layer; an image's do not depend on the others.

        Args:
            images: (N, 3, H, W) RGB in [0, 1]; the network normalises them itself.
            layers: which, all by default; what lies behind the last of them is not computed.
            pooling: what stands for each pooling.

        Returns:
            (N, C, h, w) each. No later layer writes into them, whatever its ReLU is.
        """


def pool(x: Tensor, pooling: Pooling) -> Tensor:
    """(N, C, H, W) to (N, C, H/2, W/2), halves rounded down.

    Raises:
        BadInput: for another pooling.
    """
    return _pooled(x, pooling, kernel_size=2)


def _pooled(x: Tensor, pooling: str, **settings: Any) -> Tensor:
    if pooling not in ("average", "max"):
        raise BadInput(f"pooling must be average or max, got {pooling}")
    return F.avg_pool2d(x, **settings) if pooling == "average" else F.max_pool2d(x, **settings)


def wanted_layers(layers: Collection[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """The names that are asked for, in the order of the network.

    Raises:
        BadInput: for a layer that there is not, or none.
    """
    if layers is None:
        return known
    odd = [name for name in layers if name not in known]
    if odd or not layers:
        raise BadInput(f"layers must be some of {', '.join(known)}; got {', '.join(odd) or 'none'}")
    return tuple(name for name in known if name in layers)


class SequentialFeatures(nn.Module):
    """A row of convolutions, batch norms, ReLUs and poolings as a ``FeatureNetwork``.

    Layers are named as in the literature: ``conv4_2`` is what the second convolution (with its
    batch norm) after the third pooling gives, ``relu4_2`` that after the ReLU; ``rgb`` is the
    normalised image. ReLUs are computed anew, never in place: in torchvision's VGG they overwrite
    what a hook took for conv4_2. Layers of Gatys et al. (their program takes them after the ReLU):
    style relu1_1 to relu5_1, content relu4_2; of a network without these the first of each stage,
    and the last of the second-last stage.

    Args:
        row: ``features`` of a VGG; it is not changed.
        mean, std: of the images that the network was trained on.

    >>> row = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2))
    >>> SequentialFeatures(row).layers
    ('rgb', 'conv1_1', 'relu1_1')

    Raises:
        BadInput: for layers of other kinds, or no ReLU.
    """

    convention = "gatys"
    mean: Tensor
    std: Tensor

    def __init__(
        self,
        row: nn.Sequential,
        mean: tuple[float, ...] = MEAN,
        std: tuple[float, ...] = STD,
    ) -> None:
        super().__init__()
        self.row = fold_norms(row)
        self.names = _names(self.row)
        self.layers = ("rgb", *filter(None, self.names))
        self.style_layers, self.content_layers = _defaults(self.layers)
        for name, numbers in (("mean", mean), ("std", std)):
            self.register_buffer(name, torch.tensor(numbers).view(-1, 1, 1), persistent=False)

    def extract(
        self,
        images: Tensor,
        layers: Collection[str] | None = None,
        *,
        pooling: Pooling = "average",
    ) -> dict[str, Tensor]:
        """The features (N, C, h, w) of images (N, 3, H, W) in [0, 1]; see ``FeatureNetwork``."""
        wanted = wanted_layers(layers, self.layers)
        x = (images - self.mean) / self.std
        features = {"rgb": x}
        for part, name in zip(self.row, self.names, strict=True):
            if wanted[-1] in features:
                break
            x = _applied(part, x, pooling)
            if name:
                features[name] = x
        return {name: features[name] for name in wanted}


def _applied(part: nn.Module, x: Tensor, pooling: Pooling) -> Tensor:
    if isinstance(part, nn.ReLU):
        return F.relu(x)
    if isinstance(part, nn.MaxPool2d | nn.AvgPool2d):
        names = ("kernel_size", "stride", "padding", "ceil_mode")
        return _pooled(x, pooling, **{name: vars(part)[name] for name in names})
    y: Tensor = part(x)
    return y


def _names(row: nn.Sequential) -> list[str]:
    """The layer that each part gives: "conv1_1", "relu1_1"; "" for a pooling."""
    stage, number, names = 1, 0, []
    for part in row:
        if isinstance(part, nn.MaxPool2d | nn.AvgPool2d):
            stage, number = stage + 1, 0
            names.append("")
        elif isinstance(part, nn.Conv2d):
            number += 1
            names.append(f"conv{stage}_{number}")
        elif isinstance(part, nn.ReLU) and number:
            names.append(f"relu{stage}_{number}")
        elif isinstance(part, nn.Identity | nn.Dropout):  # nothing, in use
            names.append("")
        else:
            raise BadInput(
                f"features are taken from convolutions, ReLUs and poolings in a row, got "
                f"{type(part).__name__} in it"
            )
    return names


def _defaults(layers: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The layers of style and of content."""
    relus = [name for name in layers if name.startswith("relu")]
    if not relus:
        raise BadInput("features are taken after ReLUs; this network has none")
    style = tuple(name for name in relus if name.endswith("_1"))[:5]
    stages = sorted({name.split("_")[0] for name in relus})
    last = [name for name in relus if name.startswith(f"{stages[max(len(stages) - 2, 0)]}_")][-1]
    return style, ("relu4_2",) if "relu4_2" in relus else (last,)


def fold_norms(network: Module) -> Module:
    """A copy in evaluation mode whose batch norms are part of the convolutions before them.

    Only a norm that is the next part of the same module is; weights get no gradients.
    """
    copied = copy.deepcopy(network).eval().requires_grad_(False)
    for module in copied.modules():
        parts = list(module.named_children())
        for (name, conv), (after, norm) in pairwise(parts):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                module.add_module(name, fuse_conv_bn_eval(conv, norm))
                module.add_module(after, nn.Identity())
    return copied.requires_grad_(False)
