"""torchvision's published weights: read without running them, made to fit our networks.

Our parameter names are torchvision's, so that a state dict fits as it is, but for three things:

- GoogLeNet's auxiliary heads (``aux1``, ``aux2``) are random in the published file: torchvision
  took the weights from TensorFlow, which has none. They are never loaded; a model that has such
  heads keeps its fresh ones.
- Inception v3's (``AuxLogits``) were trained: kept for a model with ``auxiliary=True``, else left.
- Files from before batch norm counted its batches have no ``num_batches_tracked``; they get zero,
  as ``nn.BatchNorm2d`` itself does. It is never read where ``momentum`` is a number.

``transform_input`` of the first two networks is not here but in their cards' mean and std of 0.5.
A .pth file is a pickle: it is read with ``weights_only=True``, which knows nothing but tensors and
plain containers, from bytes whose hash has been compared.
Proof: tests/pretrained/test_torchvision.py.
"""

import io
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo.cards import Card
from zoo.download import expected_digest
from zoo.errors import BadFile
from zoo.pretrained.verify import right_bytes

UNTRAINED = ("aux1.", "aux2.")
OPTIONAL = ("AuxLogits.",)
COUNTER, MEAN = ".num_batches_tracked", ".running_mean"


def read(path: Path, card: Card) -> dict[str, Tensor]:
    """The tensors of a .pth file by their names.

    Raises:
        Missing: if there is no such file.
        BadFile: if its hash is not the card's (or the one recorded at the first download), or if it
            holds anything but a table of dense tensors.
    """
    return state_dict(right_bytes(path, expected_digest(path, card.sha256)), str(path))


def state_dict(data: bytes, name: str) -> dict[str, Tensor]:
    """The tensors in the bytes of a .pth file, of the zip format or the one before it.

    Raises:
        BadFile: if they hold code, or anything but a table of dense tensors, or claim to be more
            than there are bytes.
    """
    _no_bomb(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of torch: about what is refused below anyway
            found: Any = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise BadFile(f"{name} holds more than tensors, which could run code; refused") from error
    except Exception as error:  # a damaged file fails in every way there is
        reason = " ".join(str(error).split())[:120]
        raise BadFile(f"{name} is not a file of tensors: {reason}") from error
    if not isinstance(found, dict) or not all(_is_dense(k, t) for k, t in found.items()):
        raise BadFile(f"{name} is not a table of names and dense tensors")
    if sum(t.numel() * t.element_size() for t in found.values()) > len(data):
        raise BadFile(f"{name} claims more numbers than its {len(data)} bytes can hold")
    return {key: tensor.detach() for key, tensor in found.items()}


def _no_bomb(data: bytes, name: str) -> None:
    """Refuse an archive that would grow when opened: torch writes its entries uncompressed."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadFile(f"{name} is a damaged archive: {error}") from error
    if inside > len(data):
        raise BadFile(f"{name} would grow to {inside} bytes when opened; refused")


def _is_dense(key: Any, tensor: Any) -> bool:
    plain = isinstance(key, str) and isinstance(tensor, Tensor)
    return plain and tensor.layout is torch.strided and tensor.device.type == "cpu"


def convert(tensors: dict[str, Tensor], fresh: dict[str, Tensor]) -> dict[str, Tensor]:
    """``tensors`` of torchvision for a network whose state is ``fresh``.

    Only what the module's docstring names is added or left out: any other difference is for
    ``load_into`` to refuse.
    """
    unwanted = UNTRAINED if any(key.startswith(OPTIONAL) for key in fresh) else UNTRAINED + OPTIONAL
    kept = {key: tensor for key, tensor in tensors.items() if not key.startswith(unwanted)}
    kept |= {key: tensor for key, tensor in fresh.items() if key.startswith(UNTRAINED)}
    if not any(key.endswith(COUNTER) for key in tensors):
        counters = (key.removesuffix(MEAN) + COUNTER for key in tensors if key.endswith(MEAN))
        kept |= {key: torch.zeros_like(fresh[key]) for key in counters if key in fresh}
    return kept
