"""Lines of UTF-8 text, plain or packed, that need not fit in memory.

A byte-order mark is dropped. Lines may end in CRLF: splitting at white space removes the CR.
Proof: tests/data/text/test_corpus.py.
"""

import codecs
from collections.abc import Iterator
from pathlib import Path

from zoo import reading
from zoo.errors import BadFile

CHUNK = 1 << 20  # bytes read at once; as many without a blank are not text


def parts_of_lines(path: Path) -> Iterator[tuple[str, bool]]:
    """Lines of a file, long ones in parts cut at a blank: (text, whether its line ends here).

    Raises:
        BadFile: for what is not UTF-8, with line and byte; as zoo/reading.py says.
    """
    rest = ""
    for text in decoded(path):
        *complete, rest = (rest + text).split("\n")
        yield from ((line, True) for line in complete)
        if len(rest) > CHUNK // 4:
            blank = max(rest.rfind(" "), rest.rfind("\t"))
            if blank >= 0:
                yield rest[:blank], False
                rest = rest[blank + 1 :]
            elif len(rest) > CHUNK:
                raise BadFile(f"{path}: a word of more than {CHUNK:,} characters; is it text?")
    if rest:
        yield rest, True


def decoded(path: Path, what: str = "UTF-8 text", most: int = reading.CORPUS) -> Iterator[str]:
    """The text of a file in chunks.

    Args:
        what, most: as in ``reading.unpacked``.

    Raises:
        BadFile: as ``parts_of_lines``.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line, place = 1, 0  # of the next chunk's first byte
    try:
        with reading.unpacked(path, what, most) as file:
            while True:
                chunk = file.read(CHUNK)
                text = decoder.decode(chunk, final=not chunk)
                if (at := chunk.find(b"\0")) >= 0:
                    line += chunk[:at].count(b"\n")
                    raise BadFile(f"{path} line {line}: byte {place + at:,} is 0x00; is it text?")
                yield text
                if not chunk:
                    return
                line, place = line + chunk.count(b"\n"), place + len(chunk)
    except UnicodeDecodeError as error:
        read = bytes(error.object)  # what was left of the chunk before, and this one
        line += read[: error.start].count(b"\n")
        place += error.start - (len(read) - len(chunk))
        odd = read[error.start]
        raise BadFile(
            f"{path} line {line}: byte {place:,} (0x{odd:02x}) is not UTF-8; save it as UTF-8 text"
        ) from error
