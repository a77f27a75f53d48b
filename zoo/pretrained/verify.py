"""Verification of a weights file before its tensors are read.

Of single bit flips in a safetensors file, 96 of 100 load silently as wrong numbers, so the sha256
of the whole file is compared on every load. The header is then checked with tighter limits than the
format's, on bytes already in memory: no memory is allocated for its claims. Nothing is unpickled.
Proof: tests/pretrained/test_verify.py.
"""

import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any

from zoo import reading
from zoo.errors import BadFile

MOST_HEADER = 1_000_000  # bytes
MOST_TENSORS = 10_000
WIDTH = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1}
WIDTH |= {"U8": 1, "BOOL": 1}


def verified_bytes(path: Path, *, size: int, sha256: str) -> bytes:
    """The bytes of a safetensors file with this size and sha256 and a valid header.

    Raises:
        Missing: if there is no such file.
        BadFile: if size or sha256 differ, or the header is invalid.
    """
    data = checked_bytes(path, sha256, size=size)
    read_header(data, str(path))
    return data


def checked_bytes(path: Path, sha256: str, *, size: int | None = None) -> bytes:
    """The bytes of a file with this size, whose sha256 begins with ``sha256``.

    Raises:
        Missing: if there is no such file.
        BadFile: if size or sha256 differ.
    """
    with reading.opened(path, "weights", reading.WEIGHTS) as file:
        got = file.seek(0, os.SEEK_END)
        if size is not None and got != size:
            raise BadFile(f"{path} is cut short or altered: {got} bytes, expected {size}")
        file.seek(0)
        data = file.read(got + 1)
    digest = hashlib.sha256(data).hexdigest()
    if not digest.startswith(sha256):
        raise BadFile(f"{path} is altered: sha256 {digest[:12]}..., expected {sha256[:12]}...")
    return data


def read_header(data: bytes, name: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Tensor name -> (dtype, shape), after the whole header has been checked.

    Raises:
        BadFile: for a pickle or any other format; a header that is too long or not JSON; too many
            tensors; unknown dtypes; shapes that do not match their bytes; overlaps, gaps, or bytes
            after the last tensor.
    """
    length, entries = _parse_header(data, name)
    spans, tensors = [], {}
    for tensor, entry in entries.items():
        dtype, shape, begin, end = _parse_entry(entry, f"{name}: tensor {tensor[:80]!r}")
        spans.append((begin, end))
        tensors[tensor] = (dtype, shape)
    at = 0
    for begin, end in sorted(spans):
        if begin != at:
            raise BadFile(f"{name}: tensors overlap or leave a hole at byte {min(begin, at)}")
        at = end
    if at != len(data) - 8 - length:
        raise BadFile(f"{name}: {len(data) - 8 - length} bytes of tensors, {at} claimed")
    return tensors


def _parse_header(data: bytes, name: str) -> tuple[int, dict[str, Any]]:
    """Length of the header, and its entry for each tensor."""
    pickled = data[:2] in (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
    if pickled and data[8:9] != b"{":  # a header of 640 bytes begins with \x80\x02 too
        raise BadFile(f"{name} is a pickle or archive, which could run code; expected safetensors")
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(MOST_HEADER, len(data) - 8):
        raise BadFile(f"{name} is not safetensors: it claims a header of {length} bytes")
    try:
        entries = json.loads(data[8 : 8 + length].decode(), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{name} is not safetensors: its header is no JSON ({error})") from error
    if not isinstance(entries, dict) or len(entries) > MOST_TENSORS:
        raise BadFile(f"{name} is not safetensors: its header is no table of tensors")
    notes = entries.pop("__metadata__", {})
    if not isinstance(notes, dict) or not all(isinstance(note, str) for note in notes.values()):
        raise BadFile(f"{name} is not safetensors: its metadata are not text")
    return length, entries


def _parse_entry(entry: Any, where: str) -> tuple[str, tuple[int, ...], int, int]:
    """(dtype, shape, begin, end) of one entry of a header."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise BadFile(f"{where}: expected dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    well_formed = isinstance(shape, list) and isinstance(offsets, list) and len(offsets) == 2
    if not well_formed or not all(type(n) is int and 0 <= n < 2**40 for n in [*shape, *offsets]):
        raise BadFile(f"{where}: shape or offsets are no counts")
    if not isinstance(dtype, str) or dtype not in WIDTH or len(shape) > 8:
        got = repr(dtype)[:20]
        raise BadFile(f"{where}: {got} with {len(shape)} axes is nothing the zoo loads")
    begin, end = offsets
    if math.prod(shape) * WIDTH[dtype] != end - begin:
        raise BadFile(f"{where}: shape {shape} of {dtype} does not fit {end - begin} bytes")
    return dtype, tuple(shape), begin, end


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)
