"""Files of word vectors: the usual formats are recognised, read and written.

    word2vec .txt, fastText .vec   "V D" on the first line, then a word and D numbers per line
    GloVe .txt                     the same without the first line; tabs do as well as spaces
    word2vec .bin                  "V D", end of line, then rows: word, space, D float32; between
                                   the rows an end of line, or (debiaswe) none
    .safetensors                   the tensor ``vectors`` (V, D), and ``words``, packed

The format is recognised by a file's bytes, not by its name, inside gzip, bzip2, xz and a zip of one
file too. Words are UTF-8; bytes that are not (word2vec.c cuts words in the middle of a letter) are
read as escapes, four characters each; a byte-order mark is no part of the first word. Of a word
that occurs twice the first row is kept, as in gensim. A header with a wrong number of words, as
some published files have it, is told. Files that are written can be read by gensim, fastText and
the C tools. Numbers in text are rounded to double and then to float, as in gensim.

Sources: tmikolov/word2vec, word2vec.c and distance.c; stanfordnlp/GloVe, glove.c.
Deviations: rows beyond the number of the header are read (gensim ignores them).
Proof: tests/data/vectors/test_files.py.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from zoo import files, reading
from zoo.data.vectors import binary_format, table_format, text_format
from zoo.data.vectors.rows import Found
from zoo.data.vectors.search import need_count
from zoo.errors import BadFile, BadInput

Matrix = NDArray[np.float32]
WHAT = "a file of word vectors"
LONGEST = 1 << 20  # bytes of a first line
WIDEST = 100_000  # numbers of a word
SUFFIXES = (".txt", ".vec", ".bin", ".safetensors")
BOM = b"\xef\xbb\xbf"
PICKLE = (
    "a pickle, as gensim's save writes it (.kv, .model), which could run any code and is not "
    "opened; in gensim: KeyedVectors.load(FILE).save_word2vec_format(OUT) (of a model: its .wv)"
)
OTHERS = {  # files of word vectors that are not read, by how they begin
    **{b"\x80" + bytes([protocol]): PICKLE for protocol in range(2, 6)},
    b"\xba\x16\x4f\x2f": (
        "a model of fastText (.bin), whose words are put together from pieces; use the .vec file "
        "that fastText writes beside it"
    ),
    b"\x93NUMPY": "an array of NumPy without words; use zoo.Vectors(words, numpy.load(FILE))",
    b"\x89HDF": "an HDF5 file; write it as text, a word a line",
    b"SQLite format 3": "a database (.magnitude); write it as text, a word a line",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it: zstd -d FILE",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}


def read(path: Path, limit: int | None = None, *, mmap: bool = False) -> Found:
    """Words and vectors (V, D) float32 of a file in any of the formats.

    Args:
        limit: read so many rows only, the first.
        mmap: leave the matrix of a safetensors file where it is.

    Raises:
        Missing: if there is no such file.
        BadFile: if it is empty, ends in the middle of a row, has NaN or rows of different lengths,
            or is of another kind; the usual ones are named, with what to do.
        BadInput: for a limit below 1, or ``mmap`` of another format.
    """
    if limit is not None:
        need_count("limit", limit)
    with reading.opened(path, WHAT, reading.CORPUS) as raw:
        start = raw.read(9)
    if start[8:9] == b"{":
        return table_format.read(path, limit, mmap=mmap)
    if mmap:
        raise BadInput(
            f"{path} is no safetensors file, and only these can be mapped; write one: "
            "Vectors.load(FILE).save('NAME.safetensors')"
        )
    with reading.unpacked(path, WHAT, reading.CORPUS) as file:
        return _read_stream(path, file, limit)


def _read_stream(path: Path, file: IO[bytes], limit: int | None) -> Found:
    head = file.readline(LONGEST).removeprefix(BOM)
    for begin, what in OTHERS.items():
        if head.startswith(begin):
            raise BadFile(f"{path} is {what}")
    if not head.strip():
        raise BadFile(f"{path} is empty; expected word vectors")
    sizes = _header(head)
    if sizes is None:
        return text_format.read(path, file, head, None, limit)
    if min(sizes) < 1 or sizes[1] > WIDEST:
        raise BadFile(f"{path}: the header says {sizes[0]} words of {sizes[1]} numbers")
    block = file.read(max(text_format.BLOCK, 40 * sizes[1]))
    if _is_text(block.partition(b"\n")[0].replace(b"\t", b" "), sizes[1]):
        return text_format.read(path, file, block, sizes, limit)
    return binary_format.read(path, file, block, sizes, limit)


def _header(line: bytes) -> tuple[int, int] | None:
    """(V, D), or None if the first line is a word with its vector."""
    parts = line.split()
    if len(parts) == 2 and all(part.isdigit() for part in parts):
        return int(parts[0]), int(parts[1])
    return None


def _is_text(line: bytes, dim: int) -> bool:
    """Whether text lines follow the header: this has numbers, or only printable characters.

    The bytes of float32 are printable in one row of thousands only, or where D is 1.
    """
    line = line.rstrip()
    numbers = line.rsplit(b" ", dim)[1:]
    if len(numbers) == dim and text_format.floats(numbers) is not None:
        return True
    return not (line.partition(b" ")[2] or line).translate(None, bytes(range(32, 127)))


def write(
    path: Path,
    words: Iterable[str],
    matrix: Matrix,
    *,
    header: bool = True,
    half: bool = False,
    counts: NDArray[Any] | None = None,
) -> None:
    """Write in the format of the suffix: .txt, .vec, .bin (also with .gz behind), .safetensors.

    Args:
        header: False leaves the first line of a text file out, as GloVe does.
        half: float16 in a safetensors file.
        counts: (V,) of the words; a safetensors file keeps them.

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
        table_format.write(path, words, matrix, counts, half)
        return
    if odd := next((word for word in words if {*" \n\r"} & {*word}), None):
        raise BadInput(f"{suffix} cannot hold the word {odd!r}; write a .safetensors file")
    pieces = (
        binary_format.pieces(words, matrix)
        if suffix == ".bin"
        else text_format.lines(words, matrix)
    )
    with files.atomic(path) as raw:
        file: Any = gzip.GzipFile("", "wb", 6, raw, mtime=0) if packed else raw
        if header or suffix == ".bin":
            file.write(f"{len(words)} {matrix.shape[1]}\n".encode())
        for piece in pieces:
            file.write(piece)
        if packed:
            file.close()
