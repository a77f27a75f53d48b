"""Variables of L. Engstrom's fast-style-transfer, for the zoo's ``fast_style_tf``.

    >>> from zoo.pretrained import fast_style_tf
    >>> model = zoo.create_model("fast_style_tf")  # doctest: +SKIP
    >>> fast_style_tf.load(model, "scream.npz")  # doctest: +SKIP

There are 48 of them, "Variable", "Variable_1" ... "Variable_47", three for each layer in the order
of the network: the kernel (height, width, in, out; of a transposed convolution height, width, out,
in), the shift and the scale of the instance norm. They come as an .npz file of arrays with these
names, or as a folder of raw little-endian float32 files with a manifest.json, {name: {"filename":
..., "shape": [...]}}, as the program's ports to the browser have them. Other variables, such as the
optimizer's, are left out.
Proof: tests/pretrained/test_fast_style_tf.py.
"""

import io
import json
import math
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from zoo import reading
from zoo.cards import FILE_NAME
from zoo.errors import BadFile
from zoo.pretrained.load import load_into

LAYERS = (
    *("conv1", "conv2", "conv3"),
    *(f"residual.{block}.conv{n}" for block in range(5) for n in (1, 2)),
    *("up1", "up2", "conv4"),
)
NAMES = ("Variable", *(f"Variable_{number}" for number in range(1, 3 * len(LAYERS))))
MANIFEST = "manifest.json"
MOST = 64 * reading.MiB  # bytes of all variables; the network has 6.7 million


def read(path: str | Path) -> dict[str, Tensor]:
    """The variables of an .npz file, or of a folder with a manifest, by name.

    Raises:
        Missing: if there is nothing at ``path``, or a file of the folder is missing.
        BadFile: if it is damaged, too large or has not all variables.
    """
    path = Path(path)
    arrays = _of_folder(path) if path.is_dir() else _of_archive(path)
    if missing := [name for name in NAMES if name not in arrays]:
        raise BadFile(f"{path} has no {missing[0]}; expected {NAMES[0]} to {NAMES[-1]}")
    return {name: torch.from_numpy(arrays[name]) for name in NAMES}


def _of_archive(path: Path) -> dict[str, np.ndarray]:
    data = reading.read_bytes(path, "variables of a style network", MOST)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST:
            raise BadFile(f"{path} would grow to {unpacked:,} bytes when opened; refused")
        with np.load(io.BytesIO(data), allow_pickle=False) as table:
            return {name: _float32(table[name], path, name) for name in NAMES if name in table}
    except BadFile:
        raise
    except (zipfile.BadZipFile, ValueError, KeyError, OSError, EOFError) as error:
        reason = " ".join(str(error).split())[:120]
        raise BadFile(f"{path} is no .npz file of variables: {reason}") from error


def _of_folder(path: Path) -> dict[str, np.ndarray]:
    manifest = path / MANIFEST
    try:
        entries = json.loads(reading.read_bytes(manifest, "a manifest", reading.SMALL).decode())
        table = {name: entries[name] for name in NAMES if name in entries}
        places = {name: (entry["filename"], entry["shape"]) for name, entry in table.items()}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadFile(f"{manifest} is no table of names, files and shapes: {error}") from error
    return {name: _raw(path, name, *place) for name, place in places.items()}


def _raw(folder: Path, name: str, file: Any, shape: Any) -> np.ndarray:
    """One variable of a folder.

    Raises:
        Missing, BadFile: as ``read``.
    """
    counts = isinstance(shape, list) and all(type(n) is int and 0 < n < MOST for n in shape)
    if not isinstance(file, str) or not re.fullmatch(FILE_NAME, file) or not counts:
        raise BadFile(f"{folder / MANIFEST}: the file or the shape of {name} is not in order")
    data = reading.read_bytes(folder / file, "a variable", MOST)
    if len(data) != 4 * math.prod(shape):
        raise BadFile(f"{folder / file} has {len(data):,} bytes, not those of shape {shape}")
    return np.frombuffer(data, "<f4").reshape(shape).astype(np.float32)


def _float32(array: np.ndarray, path: Path, name: str) -> np.ndarray:
    if array.dtype != np.float32:
        raise BadFile(f"{path}: {name} is {array.dtype}, expected float32")
    return np.ascontiguousarray(array)


def convert(tensors: dict[str, Tensor], initial: dict[str, Tensor]) -> dict[str, Tensor]:
    """The variables under the names and in the order of axes of the zoo's network.

    Raises:
        BadFile: for a kernel that has not four axes.
    """
    named = {}
    for number, layer in enumerate(LAYERS):
        kernel, shift, scale = (tensors[name] for name in NAMES[3 * number : 3 * number + 3])
        if kernel.dim() != 4:
            raise BadFile(f"{NAMES[3 * number]} has shape {tuple(kernel.shape)}; a kernel has 4")
        named[f"{layer}.conv.weight"] = kernel.permute(3, 2, 0, 1).contiguous()
        named[f"{layer}.norm.bias"], named[f"{layer}.norm.weight"] = shift, scale
    return named


def load(model: nn.Module, path: str | Path) -> None:
    """Load variables into a network; all of them are checked before a tensor changes.

    Raises:
        Missing, BadFile: as ``read``; if they are not the network's.
    """
    load_into(model, convert(read(path), model.state_dict()), str(path))
