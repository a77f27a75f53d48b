"""torchvision's published weights: read without executing code, converted to the zoo's networks.

The zoo's parameter names are torchvision's, so a state dict loads unchanged, with four exceptions:

- GoogLeNet's auxiliary heads (``aux1``, ``aux2``) are random in the published file: torchvision
  took the weights from TensorFlow, which has none. They are never loaded; a model with auxiliary
  heads keeps its initial ones.
- Inception v3's (``AuxLogits``) were trained: loaded for ``auxiliary=True``, else dropped.
- Files older than ``num_batches_tracked`` of batch norm get zeros for it, as in
  ``nn.BatchNorm2d`` itself. It is not used if ``momentum`` is a number.

- The Faster R-CNN of 2020 has older names for the convolutions of its pyramid and its proposals.

``transform_input`` of the first two networks is replaced by the mean and std of 0.5 in their cards.
A .pth file is a pickle: it is read with ``weights_only=True``, which accepts tensors and plain
containers only, after its hash has been verified.
Proof: tests/pretrained/test_torchvision.py.
"""

import io
import pickle
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo.cards import Card
from zoo.download import expected_digest
from zoo.errors import BadFile
from zoo.pretrained.verify import checked_bytes

UNTRAINED = ("aux1.", "aux2.")
OPTIONAL = ("AuxLogits.",)
COUNTER, MEAN = ".num_batches_tracked", ".running_mean"
OLDER = re.compile(r"^(.*\.fpn\.(?:inner|layer)_blocks\.\d+|rpn\.head\.conv)\.(weight|bias)$")


def read(path: Path, card: Card) -> dict[str, Tensor]:
    """The tensors of a .pth file by name.

    Raises:
        Missing: if there is no such file.
        BadFile: if its hash is not the card's (or the one recorded at the first download), or if it
            holds anything but a dictionary of dense tensors.
    """
    return state_dict(checked_bytes(path, expected_digest(path, card.sha256)), str(path))


def state_dict(data: bytes, name: str) -> dict[str, Tensor]:
    """The tensors in the bytes of a .pth file, in the zip format or the older one.

    Raises:
        BadFile: if they hold code or anything but a dictionary of dense tensors, or if the tensors
            are larger than the file.
    """
    _no_bomb(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of files that are refused below
            table: Any = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise BadFile(f"{name} holds more than tensors, which could run code; refused") from error
    except Exception as error:  # a damaged file may raise anything
        reason = " ".join(str(error).split())[:120]
        raise BadFile(f"{name} is not a file of tensors: {reason}") from error
    if not isinstance(table, dict) or not all(_is_dense(k, t) for k, t in table.items()):
        raise BadFile(f"{name} is not a table of names and dense tensors")
    if sum(t.numel() * t.element_size() for t in table.values()) > len(data):
        raise BadFile(f"{name} claims more numbers than its {len(data)} bytes can hold")
    return {key: tensor.detach() for key, tensor in table.items()}


def _no_bomb(data: bytes, name: str) -> None:
    """Raise BadFile for a compressed archive: torch writes entries uncompressed."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadFile(f"{name} is a damaged archive: {error}") from error
    if unpacked > len(data):
        raise BadFile(f"{name} would grow to {unpacked} bytes when opened; refused")


def _is_dense(key: Any, tensor: Any) -> bool:
    plain = isinstance(key, str) and isinstance(tensor, Tensor)
    return plain and tensor.layout is torch.strided and tensor.device.type == "cpu"


def convert(tensors: dict[str, Tensor], initial: dict[str, Tensor]) -> dict[str, Tensor]:
    """Torchvision's ``tensors`` converted for a network whose state is ``initial``.

    Only the tensors named in the module's docstring are added or dropped; ``load_into`` refuses any
    other difference.
    """
    has_optional = any(key.startswith(OPTIONAL) for key in initial)
    unwanted = UNTRAINED if has_optional else UNTRAINED + OPTIONAL
    named = {_name_of_today(key): tensor for key, tensor in tensors.items()}
    converted = {key: tensor for key, tensor in named.items() if not key.startswith(unwanted)}
    converted |= {key: tensor for key, tensor in initial.items() if key.startswith(UNTRAINED)}
    if not any(key.endswith(COUNTER) for key in tensors):
        counters = (key.removesuffix(MEAN) + COUNTER for key in tensors if key.endswith(MEAN))
        converted |= {key: torch.zeros_like(initial[key]) for key in counters if key in initial}
    return converted


def _name_of_today(key: str) -> str:
    """``fpn.inner_blocks.0.weight`` is ``fpn.inner_blocks.0.0.weight``; the RPN's is one deeper."""
    old = OLDER.match(key)
    if old is None:
        return key
    within = ".0.0." if old[1].endswith("conv") else ".0."
    return old[1] + within + old[2]
