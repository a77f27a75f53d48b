"""Darknet's files of weights: read with every byte used, written again bit for bit.

A file has no names, only numbers in the order of the network's cfg file. Its header is three int32,
major, minor and revision, and ``seen``, the images trained on: an int64 from version 0.2 on, an
int32 before and where major or minor is 1000 or more (20 or 16 bytes; the trap: many readers take
20 always). Then of each convolution the bias or, with batch norm, beta, gamma, mean and variance;
then its kernels. A fully connected layer has bias and weights, transposed if major or minor is
above 1000. All numbers are little-endian float32. ``NAME.conv.N`` is such a file that ends after
the first N layers of the cfg file.

    >>> from zoo.pretrained import darknet
    >>> model = zoo.create_model("yolov3", num_classes=3)  # doctest: +SKIP
    >>> darknet.load(model, "yolov3-mine.weights")  # doctest: +SKIP
    Header(major=0, minor=2, revision=0, seen=32013312)

Source: ``load_weights_upto`` and ``save_weights`` in the src/parser.c of Redmon's Darknet.
Proof: tests/pretrained/test_darknet.py (files written there byte by byte).
"""

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from zoo import files, reading, registry
from zoo.cards import Card
from zoo.download import expected_digest
from zoo.errors import BadFile, BadInput
from zoo.nn.darknet import DarknetNetwork
from zoo.pretrained.find import find
from zoo.pretrained.verify import checked_bytes

CONVERTER = "darknet"
SUFFIX = ".weights"
NUMBER = 4  # bytes
LONGEST_HEADER = 20
VERSION = struct.Struct("<3i")
COUNTER = "num_batches_tracked"  # torch's, which Darknet has not: 0


class Header(NamedTuple):
    """What stands before the numbers; by default as Darknet of today writes it."""

    major: int = 0
    minor: int = 2
    revision: int = 0
    seen: int = 0

    @property
    def transposed(self) -> bool:
        """Whether the weights of fully connected layers are (inputs, outputs)."""
        return self.major > 1000 or self.minor > 1000

    @property
    def counter(self) -> struct.Struct:
        """``seen``: an int64 from version 0.2 on, unless major or minor is 1000 or more."""
        recent = self.major * 10 + self.minor >= 2 and max(self.major, self.minor) < 1000
        return struct.Struct("<q" if recent else "<i")

    @property
    def size(self) -> int:
        """Bytes: 16 or 20."""
        return VERSION.size + self.counter.size

    def to_bytes(self) -> bytes:
        """As it stands in a file."""
        return VERSION.pack(self.major, self.minor, self.revision) + self.counter.pack(self.seen)


class Part(NamedTuple):
    """A tensor of a network, where its numbers come in the file."""

    name: str  # in the network's state
    shape: tuple[int, ...]
    connected: bool = False  # the weights of a fully connected layer
    ends_layer: bool = False


def read_header(data: bytes, name: str) -> Header:
    """The header of a file.

    Raises:
        BadFile: if there are fewer bytes than a header has, or its version is none.
    """
    if len(data) < VERSION.size:
        raise BadFile(f"{name} is no Darknet weights: {len(data)} bytes, a header has 16 or 20")
    header = Header(*VERSION.unpack_from(data))
    if min(header[:3]) < 0 or len(data) < header.size:
        raise BadFile(
            f"{name} is no Darknet weights: version {header.major}.{header.minor}."
            f"{header.revision}, {len(data)} bytes"
        )
    return header._replace(seen=header.counter.unpack_from(data, VERSION.size)[0])


def header_of(card: Card) -> Header:
    """The header of a card's file, if it is Darknet's; otherwise that of a new file."""
    if card.converter != CONVERTER:
        return Header()
    path = find(card)
    with reading.opened(path, "weights", reading.WEIGHTS) as file:
        return read_header(file.read(LONGEST_HEADER), str(path))


def layout(model: nn.Module) -> list[Part]:
    """The tensors of a network in the order of Darknet's file.

    Raises:
        BadInput: for a network that is none of Darknet's.
    """
    if not isinstance(model, DarknetNetwork):
        raise BadInput(
            f"{type(model).__name__} is no Darknet network; those are darknet19, darknet53, "
            "yolov1, yolov2, yolov2_tiny, yolov3 and yolov3_tiny"
        )
    names = {module: name for name, module in model.named_modules()}
    return [part for layer in model.darknet_layers() for part in _parts(layer, names)]


def _parts(layer: nn.Module, names: dict[nn.Module, str]) -> list[Part]:
    """Of one layer: a convolution with batch norm, or with a bias, or a fully connected layer."""
    parts: list[Part] = []
    for module in layer.modules():
        if isinstance(module, nn.BatchNorm2d):
            keys = ("bias", "weight", "running_mean", "running_var")
            parts = [_part(module, key, names) for key in keys] + parts
        elif isinstance(module, nn.Conv2d | nn.Linear):
            biases = [_part(module, "bias", names)] if module.bias is not None else []
            weight = _part(module, "weight", names)
            connected = isinstance(module, nn.Linear)
            parts += [*biases, weight._replace(connected=connected)]
    return [*parts[:-1], parts[-1]._replace(ends_layer=True)]


def _part(module: nn.Module, key: str, names: dict[nn.Module, str]) -> Part:
    return Part(f"{names[module]}.{key}", tuple(module.state_dict()[key].shape))


def parse(
    data: bytes, parts: list[Part], name: str, *, partial: bool = False
) -> tuple[Header, dict[str, Tensor]]:
    """The header and the tensors of a file's bytes; every byte is used.

    Args:
        partial: the file may end after any layer.

    Raises:
        BadFile: if there are more bytes than the network has numbers, or fewer.
    """
    header = read_header(data, name)
    tensors: dict[str, Tensor] = {}
    at, ends = header.size, 0
    for part in parts:
        count = int(np.prod(part.shape))
        if at + count * NUMBER > len(data) or (partial and at == len(data)):
            break
        turned = part.connected and header.transposed
        shape = part.shape[::-1] if turned else part.shape
        numbers = np.frombuffer(data, "<f4", count, at).reshape(shape)
        tensors[part.name] = torch.from_numpy(np.array(numbers.T if turned else numbers))
        at += count * NUMBER
        ends = at if part.ends_layer else ends
    whole = len(tensors) == len(parts)
    if at != len(data) or not (whole or (partial and ends == at > header.size)):
        need = header.size + NUMBER * sum(int(np.prod(part.shape)) for part in parts)
        kind = "whole layers, at most " if partial else ""
        raise BadFile(
            f"{name} has {len(data):,} bytes, but the network takes {kind}{need:,} with the header "
            f"of version {header.major}.{header.minor}; is it another network's?"
        )
    return header, tensors


def read(path: Path, card: Card) -> dict[str, Tensor]:
    """The tensors of a card's file under the names of the card's network.

    Raises:
        Missing: if there is no such file.
        BadFile: if its hash or size is not the card's, or the network has other numbers.
    """
    data = checked_bytes(path, expected_digest(path, card.sha256), size=card.bytes)
    with torch.device("meta"):
        model = registry.build(card.arch, **card.arguments)
    return with_counters(model, parse(data, layout(model), str(path))[1])


def with_counters(model: nn.Module, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """``tensors`` with torch's counters of batches, which Darknet has not; they are not used."""
    keys = [key for key in model.state_dict() if key.endswith(COUNTER)]
    norms = [key for key in keys if key.replace(COUNTER, "running_mean") in tensors]
    return {**tensors, **{key: torch.zeros((), dtype=torch.int64) for key in norms}}


def unchanged(tensors: dict[str, Tensor], initial: dict[str, Tensor]) -> dict[str, Tensor]:
    """``read`` has named the tensors already."""
    return tensors


def load(model: nn.Module, path: str | Path, *, partial: bool = False) -> Header:
    """Load a file of weights into a network; all of it is checked before a tensor changes.

    Args:
        partial: the file may end after any layer, as ``darknet53.conv.74`` does, which holds the
            body of YOLOv3; the other layers keep their weights.

    Raises:
        Missing: if there is no such file.
        BadFile: if it has other bytes than the network takes, numbers that are not finite, or
            variances below 0, from which only NaN comes.
        BadInput: for a network that is none of Darknet's.
    """
    parts = layout(model)
    data = reading.read_bytes(Path(path), "weights", reading.WEIGHTS)
    header, tensors = parse(data, parts, str(path), partial=partial)
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise BadFile(f"{path} has values that are not finite ({name}); nothing was loaded")
        if name.endswith("running_var") and bool((tensor < 0).any()):
            raise BadFile(f"{path} has variances below 0 ({name}); nothing was loaded")
    state = model.state_dict()
    with torch.no_grad():
        for name, tensor in with_counters(model, tensors).items():
            state[name].copy_(tensor)
    return header


def to_bytes(model: nn.Module, header: Header | None = None) -> bytes:
    """The file of a network's weights.

    Args:
        header: of the file that they came from, or that of a new one.

    Raises:
        BadInput: for a network that is none of Darknet's.
    """
    header = header or Header()
    state = model.state_dict()
    chunks = [header.to_bytes()]
    for part in layout(model):
        numbers = state[part.name].detach().cpu().float().numpy()
        turned = part.connected and header.transposed
        chunks.append(np.ascontiguousarray(numbers.T if turned else numbers, "<f4").tobytes())
    return b"".join(chunks)


def write(model: nn.Module, path: Path, header: Header | None = None) -> None:
    """Write the file of a network's weights, whole or not at all.

    Raises:
        BadInput: for a network that is none of Darknet's.
        CannotWrite: if the file cannot be written.
    """
    files.write(path, to_bytes(model, header))
