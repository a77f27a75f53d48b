"""Files that ``torch.save`` wrote (.pth, .pt), read without executing code.

Such a file is a pickle: it is read with ``weights_only=True``, which accepts tensors and plain
containers only, after its hash has been verified.
Proof: tests/pretrained/test_torchvision.py, whose files are such ones.
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
from zoo.pretrained.verify import checked_bytes


def read(path: Path, card: Card) -> dict[str, Tensor]:
    """The tensors of a card's .pth file by name.

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
