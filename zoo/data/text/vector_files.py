"""Files of word vectors: the usual formats are recognised, read and written.

    word2vec .txt, fastText .vec   "V D" on the first line, then a word and D numbers per line
    GloVe .txt                     the same without the first line
    word2vec .bin                  "V D", end of line, then rows: word, space, D float32; between
                                   the rows an end of line, or (debiaswe) none
    .safetensors                   the tensor ``vectors`` (V, D), and ``words``, packed

The format is recognised by a file's bytes, not by its name, inside gzip too. Words are UTF-8; bytes
that are not (word2vec.c cuts words in the middle of a letter) are read as escapes, four characters
each. Of a word that occurs twice the first row is kept, as in gensim. Files that are written can be
read by gensim, fastText and the C tools. Numbers in text are rounded to double and then to float,
as in gensim.

Sources: tmikolov/word2vec, word2vec.c and distance.c; stanfordnlp/GloVe, glove.c.
Deviations: a header with a wrong number of words is an error (gensim ignores further rows).
Proof: tests/data/text/test_vector_files.py.
"""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from zoo import files, reading
from zoo.data.text import vector_text_format as vector_text
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput

Matrix = NDArray[np.float32]
WHAT = "a file of word vectors"
BLOCK = 1 << 22  # bytes read at once
LONGEST = 1 << 16  # bytes of a word: a file with more is not one of word vectors
WIDEST = 100_000  # numbers of a word
SUFFIXES = (".txt", ".vec", ".bin", ".safetensors")


def read(path: Path) -> tuple[list[str], Matrix]:
    """Words and vectors (V, D) float32 of a file in any of the formats.

    Raises:
        Missing: if there is no such file.
        BadFile: if it is empty or truncated, has NaN, rows of different lengths, or another number
            of rows than its header says.
    """
    with reading.opened(path, WHAT, reading.CORPUS) as raw:
        start = raw.read(9)
    if start[8:9] == b"{":
        return unique(*_read_safetensors(path))
    with reading.unpacked(path, WHAT, reading.CORPUS) as file:
        return unique(*_read_stream(path, file))


def unique(words: list[str], matrix: Matrix) -> tuple[list[str], Matrix]:
    """The same without the rows whose word occurs before."""
    first: dict[str, int] = {}
    for row, word in enumerate(words):
        first.setdefault(word, row)
    if len(first) == len(words):
        return words, matrix
    return list(first), matrix[list(first.values())]


def _read_stream(path: Path, file: IO[bytes]) -> tuple[list[str], Matrix]:
    head = file.readline(LONGEST)
    if not head.strip():
        raise BadFile(f"{path} is empty; expected word vectors")
    sizes = _header(head)
    if sizes is None:
        return vector_text.read(path, file, head, None)
    if min(sizes) < 1 or sizes[1] > WIDEST:
        raise BadFile(f"{path}: the header says {sizes[0]} words of {sizes[1]} numbers")
    block = file.read(BLOCK)
    if _is_text(block, sizes[1]):
        return vector_text.read(path, file, block, sizes)
    return _read_binary(path, file, block, *sizes)


def _header(line: bytes) -> tuple[int, int] | None:
    """(V, D), or None if the first line is a word with its vector."""
    parts = line.split()
    if len(parts) == 2 and all(part.isdigit() for part in parts):
        return int(parts[0]), int(parts[1])
    return None


def _is_text(block: bytes, dim: int) -> bool:
    """Whether text lines follow the header: the first has numbers, or only printable characters.

    The bytes of float32 are printable in one row of thousands only, or where D is 1.
    """
    line = block.partition(b"\n")[0].rstrip()
    numbers = line.rsplit(b" ", dim)[1:]
    if len(numbers) == dim and vector_text.floats(numbers) is not None:
        return True
    return not (line.partition(b" ")[2] or line).translate(None, bytes(range(32, 127)))


def decode(word: bytes) -> str:
    """A word of a file."""
    return word.decode(errors="backslashreplace")


def _read_binary(
    path: Path, file: IO[bytes], block: bytes, count: int, dim: int
) -> tuple[list[str], Matrix]:
    words: list[str] = []
    parts: list[Matrix] = []
    while block and len(words) < count:
        names, matrix, used = _binary_rows(path, block, dim, count - len(words))
        _finite(path, names, matrix)
        words += names
        parts.append(matrix)
        more = file.read(BLOCK) if len(words) < count else b""
        if not more and len(words) < count:
            break
        block = block[used:] + more
    if len(words) < count:
        raise BadFile(f"{path} is cut off: its header says {count} words, it holds {len(words)}")
    if (block + file.read(1)).strip(b"\n"):
        raise BadFile(f"{path} holds more than the {count} words of {dim} its header says")
    return words, np.concatenate(parts)


def _binary_rows(path: Path, block: bytes, dim: int, most: int) -> tuple[list[str], Matrix, int]:
    """The complete rows at the start of ``block``, and where they end."""
    words: list[bytes] = []
    places: list[int] = []
    at, size = 0, 4 * dim
    while len(words) < most:
        space = block.find(b" ", at, at + LONGEST)
        if space < 0 and len(block) - at >= LONGEST:
            raise BadFile(f"{path}: no word ends in {LONGEST} bytes; not a file of word vectors")
        if space < 0 or space + 1 + size > len(block):
            break
        words.append(block[at:space].lstrip(b"\n"))
        places.append(space + 1)
        at = space + 1 + size
    matrix = np.empty((len(words), dim), np.float32)
    for row, place in enumerate(places):
        matrix[row] = np.frombuffer(block, "<f4", dim, place)
    return [decode(word) for word in words], matrix, at


def _finite(path: Path, words: list[str], matrix: Matrix) -> None:
    bad = ~np.isfinite(matrix).all(1)
    if bad.any():
        raise BadFile(f"{path}: the vector of {words[int(bad.argmax())]!r} is not finite")


def _read_safetensors(path: Path) -> tuple[list[str], Matrix]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(reading.read_bytes(path, WHAT, reading.WEIGHTS))
    except (SafetensorError, ValueError, OSError) as error:
        raise BadFile(f"{path} is no safetensors file that can be read: {error}") from error
    packed = tensors.pop("words", None)
    tables = [t for t in tensors.values() if t.ndim == 2 and t.is_floating_point()]
    table = tensors.get("vectors", tables[0] if len(tables) == 1 else None)
    if packed is None or table is None or table.ndim != 2:
        raise BadFile(f"{path} needs the tensors 'vectors' (V, D) and 'words', packed")
    words = list(Vocabulary.unpack(packed).words)
    if len(words) != len(table):
        raise BadFile(f"{path} has {len(words)} words but {len(table)} vectors")
    matrix = table.float().numpy()
    _finite(path, words, matrix)
    return words, matrix


def write(
    path: Path, words: Iterable[str], matrix: Matrix, *, header: bool = True, half: bool = False
) -> None:
    """Write in the format of the suffix: .txt, .vec, .bin (also with .gz behind), .safetensors.

    Args:
        header: False leaves the first line of a text file out, as GloVe does.
        half: float16 in a safetensors file.

    Raises:
        BadInput: for another suffix, or a word with a space or an end of line, which those formats
            cannot hold (safetensors can).
        CannotWrite: if the disk is full or the folder read-only.
    """
    words = list(words)
    packed = path.suffix == ".gz"
    suffix = Path(path.stem).suffix if packed else path.suffix
    if suffix not in SUFFIXES or (packed and suffix == ".safetensors"):
        raise BadInput(f"{path.name}: expected a name that ends in .txt, .vec, .bin (these also "
                       "with .gz) or .safetensors")  # fmt: skip
    if suffix == ".safetensors":
        _write_safetensors(path, words, matrix, half)
        return
    if odd := next((word for word in words if {*" \n\r"} & {*word}), None):
        raise BadInput(f"{suffix} cannot hold the word {odd!r}; write a .safetensors file")
    pieces = _binary_pieces(words, matrix) if suffix == ".bin" else vector_text.lines(words, matrix)
    with files.atomic(path) as raw:
        file: Any = gzip.GzipFile("", "wb", 6, raw, mtime=0) if packed else raw
        if header or suffix == ".bin":
            file.write(f"{len(words)} {matrix.shape[1]}\n".encode())
        for piece in pieces:
            file.write(piece)
        if packed:
            file.close()


def _binary_pieces(words: list[str], matrix: Matrix) -> Iterator[bytes]:
    for word, row in zip(words, matrix, strict=True):
        yield b"%b %b\n" % (word.encode(), row.astype("<f4").tobytes())


def _write_safetensors(path: Path, words: list[str], matrix: Matrix, half: bool) -> None:
    import torch
    from safetensors.torch import save

    table = torch.from_numpy(matrix)
    if half and not torch.isfinite(table.half()).all():
        raise BadInput("some numbers are too large for half precision; write single")
    packed = Vocabulary(words).pack()
    files.write(path, save({"vectors": table.half() if half else table, "words": packed}))
