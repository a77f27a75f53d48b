"""A text that is read in blocks, and its token ids, both in temporary files.

A gigabyte of text needs a block of memory, and as ids of characters a gigabyte of disk, whose pages
are read when they are trained on. An id has 1, 2 or 4 bytes, as the vocabulary needs.
Proof: tests/data/text/test_text_file.py; `zoo bench corpus_memory`.
"""

import codecs
import os
import weakref
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo import reading
from zoo.data.text.lines import decoded
from zoo.data.text.mapped import append, mapped, temporary
from zoo.data.text.tokenizers import END
from zoo.data.text.vocabulary import UNKNOWN, Vocabulary
from zoo.errors import BadFile

BLOCK = 1 << 20  # bytes, or characters, at once
CODES = 0x110000  # of Unicode


class TextFile:
    r"""The characters of a file, plain or packed, with ``\n`` at the end of its lines."""

    def __init__(self, path: Path, most: int = reading.CORPUS) -> None:
        """Nothing is read yet.

        Args:
            most: bytes, unpacked.
        """
        self.path, self.most = path, most

    @cached_property
    def _plain(self) -> tuple[int, int]:
        """A temporary file (its descriptor) with the text, unpacked; and its characters.

        The user's file is read once: it may be packed, a pipe, or changed meanwhile.
        """
        length = 0
        with temporary() as file:
            for block in _plain_line_ends(decoded(self.path, "a text file", self.most)):
                append(block.encode(), file)
                length += len(block)
            if not length:
                raise BadFile(f"{self.path} is empty; expected text")
            handle = os.dup(file.fileno())
        weakref.finalize(self, os.close, handle)  # the file is gone with this text
        return handle, length

    @property
    def length(self) -> int:
        """Characters.

        Raises:
            Missing: if there is no such file.
            BadFile: if there are none, if the file is not UTF-8 (the message says where), or as
                zoo/reading.py says.
            CannotWrite: if the disk is full.
        """
        return self._plain[1]

    def blocks(self, start: int = 0, end: int | None = None) -> Iterator[str]:
        """The characters from ``start`` on, up to ``end``, in pieces.

        Raises:
            Missing, BadFile, CannotWrite: as ``length``.
        """
        at = 0
        for block in self._decoded():
            piece = block[max(start - at, 0) : None if end is None else max(end - at, 0)]
            at += len(block)
            if piece:
                yield piece
            if end is not None and at >= end:
                return

    def _decoded(self) -> Iterator[str]:
        decoder, place = codecs.getincrementaldecoder("utf-8")(), 0
        while data := os.pread(self._plain[0], BLOCK, place):
            place += len(data)
            yield decoder.decode(data)

    def find(self, character: str, start: int, end: int) -> int:
        """Where it first stands from ``start`` on, before ``end``; -1 if it does not."""
        at = start
        for block in self.blocks(start, end):
            if (place := block.find(character)) >= 0:
                return at + place
            at += len(block)
        return -1

    def characters(self) -> list[str]:
        """The different ones, sorted."""
        seen = np.zeros(CODES, bool)
        for block in self.blocks():
            seen[_codes(block)] = True
        return [chr(code) for code in np.flatnonzero(seen)]


def _plain_line_ends(blocks: Iterable[str]) -> Iterator[str]:
    """CRLF and CR become LF, also where a block ends between the two."""
    held = ""
    for block in blocks:
        text = held + block
        held = "\r" if text.endswith("\r") else ""
        yield text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
    if held:
        yield "\n"


def pieces(text: str) -> Iterator[str]:
    """The blocks of a text in memory."""
    return (text[at : at + BLOCK] for at in range(0, len(text), BLOCK))


def words(blocks: Iterable[str]) -> Iterator[list[str]]:
    r"""The words of a text between white space, with ``<eos>`` after each line.

    >>> list(words(["to be o", "r\nnot"]))
    [['to', 'be'], ['or', '<eos>'], ['not', '<eos>']]
    """
    held, is_open = "", False  # the beginning of a word; whether a line has not ended
    for block in blocks:
        *lines, rest = (held + block).split("\n")
        found = [word for line in lines for word in (*line.split(), END)]
        last = rest.split()
        held = last.pop() if last and not rest[-1].isspace() else ""
        is_open = bool(rest) or (is_open and not lines)
        yield found + last
    if is_open:
        yield [*([held] if held else []), END]


def encode(blocks: Iterable[str], level: str, vocabulary: Vocabulary) -> Tensor:
    """Token ids (T,) of a text, in a temporary file: uint8, int16 or int32.

    Args:
        level: "characters" or "words".

    Raises:
        BadInput: for what the vocabulary lacks, where it has no ``<unk>``.
        CannotWrite: if the disk is full.
    """
    dtype = smallest(len(vocabulary))
    ids = (_ids_of_characters if level == "characters" else _ids_of_words)(blocks, vocabulary)
    with temporary() as file:
        for part in ids:
            append(part.astype(dtype), file)
        return torch.from_numpy(mapped(file, dtype))


def smallest(vocab_size: int) -> Any:
    """The type that holds the ids of so many tokens; torch computes with all three."""
    return next(t for t in (np.uint8, np.int16, np.int32) if vocab_size - 1 <= np.iinfo(t).max)


def _ids_of_characters(blocks: Iterable[str], vocabulary: Vocabulary) -> Iterator[NDArray[Any]]:
    table = np.full(CODES, vocabulary.index.get(UNKNOWN, -1), np.int32)
    for word, token_id in vocabulary.index.items():
        if len(word) == 1:
            table[ord(word)] = token_id
    for block in blocks:
        codes = _codes(block)
        ids = table[codes]
        if len(ids) and ids.min() < 0:
            vocabulary.encode([chr(codes[ids.argmin()])])  # its error
        yield ids


def _ids_of_words(blocks: Iterable[str], vocabulary: Vocabulary) -> Iterator[NDArray[Any]]:
    for tokens in words(blocks):
        yield np.array(vocabulary.encode(tokens), np.int32)


def _codes(block: str) -> NDArray[np.uint32]:
    return np.frombuffer(block.encode("utf-32-le", "surrogatepass"), np.uint32)
