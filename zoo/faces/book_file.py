"""The file of a book of faces: names, vectors, whose they are; no picture, no name of a picture.

It is a safetensors file: ``vectors`` (N, D) float32, ``owners`` (N,) int32, ``names`` (JSON as
bytes), and in its metadata what ``About`` holds as JSON, with the sha256 of all of it: a flipped
bit would pass for another face. It is read as the user's, but guarded like anybody's.
Proof: tests/faces/test_book_file.py.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from zoo import files, reading
from zoo.errors import BadFile
from zoo.faces.threshold import Threshold
from zoo.pretrained.verify import read_header

FORMAT = "zoo faces 1"
MOST_NAME = 1000  # characters
MOST_DEPTH = 100_000  # numbers of a vector
WHAT = "a book of faces, as zoo faces enroll writes"


@dataclass(frozen=True, eq=False)
class Content:
    """What a book holds.

    Attributes:
        model: the weights that made the vectors.
        sha256: of their file, as their card has it.
        scale: what a dissimilarity is.
        names: of the identities.
        vectors: (N, D) float32, finite.
        owners: (N,) int64, the row of each in ``names``; every name has a vector at least.
    """

    model: str
    sha256: str
    scale: str
    names: tuple[str, ...]
    vectors: Tensor
    owners: Tensor
    threshold: Threshold


def write(content: Content, path: Path) -> None:
    """Write a book atomically.

    Raises:
        CannotWrite: if it cannot be written; an older one stays as it was.
    """
    names = json.dumps(content.names).encode()
    tensors = {
        "names": torch.frombuffer(bytearray(names), dtype=torch.uint8),
        "owners": content.owners.to(torch.int32).contiguous(),
        "vectors": content.vectors.float().contiguous(),
    }
    about = {
        "model": content.model,
        "sha256": content.sha256,
        "scale": content.scale,
        "threshold": content.threshold.to_json(),
    }
    text = json.dumps(about)
    digest = _digest(text, tensors)
    files.write(path, save(tensors, {"format": FORMAT, "about": text, "sha256": digest}))


def read(path: Path) -> Content:
    """Read a book.

    Raises:
        Missing: if there is none.
        BadFile: if it is something else, or damaged.
    """
    data = reading.read_bytes(path, WHAT, reading.WEIGHTS)
    header = read_header(data, str(path))
    if set(header) != {"names", "owners", "vectors"}:
        raise BadFile(f"{path} is not {WHAT}")
    try:
        tensors = load(data)
        notes = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
        if notes["format"] != FORMAT:
            raise BadFile(f"{path} is {notes['format']!r:.40}; this version reads {FORMAT!r}")
        if notes["sha256"] != _digest(notes["about"], tensors):
            raise BadFile(f"{path} is damaged: its sha256 differs; take a copy, or enroll again")
        about = json.loads(notes["about"])
        names = json.loads(bytes(tensors["names"].numpy()))
        threshold = Threshold.from_json(about["threshold"])
        content = Content(
            about["model"],
            about["sha256"],
            about["scale"],
            tuple(names),
            tensors["vectors"],
            tensors["owners"].long(),
            threshold,
        )
    except BadFile as error:
        raise BadFile(str(error) if str(path) in str(error) else f"{path}: {error}") from None
    except (SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadFile(f"{path} is not {WHAT}: {error}") from error
    if problem := _problem(content):
        raise BadFile(f"{path} is not {WHAT}: {problem}")
    return content


def _digest(about: str, tensors: dict[str, Tensor]) -> str:
    sha = hashlib.sha256(about.encode())
    for key in sorted(tensors):
        sha.update(f"{key} {tensors[key].dtype} {tuple(tensors[key].shape)}".encode())
        sha.update(tensors[key].numpy().tobytes())
    return sha.hexdigest()


def _problem(content: Content) -> str:
    """What does not fit together; "" if all does."""
    names, vectors, owners = content.names, content.vectors, content.owners
    if not all(map(_is_text, (content.model, content.sha256, content.scale, *names))):
        return "a name is no text"
    if len({*names}) != len(names):
        return "a name is there twice"
    if vectors.dtype != torch.float32 or vectors.dim() != 2 or owners.dim() != 1:
        return f"vectors are {vectors.dtype} {tuple(vectors.shape)}"
    if not 0 < vectors.shape[1] <= MOST_DEPTH or len(owners) != len(vectors) or not len(vectors):
        return f"{len(vectors)} vectors of {vectors.shape[1]} numbers, {len(owners)} owners"
    if not vectors.isfinite().all():
        return "a vector is not finite"
    if int(owners.min()) < 0 or owners.unique().tolist() != list(range(len(names))):
        return f"{len(names)} names do not fit the owners of the vectors"
    return ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_NAME
