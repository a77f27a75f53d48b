"""A small XML file as a tree whose elements know their lines; nothing that could unfold is read.

A document type, and with it every entity that a file could define, is refused: so there are no
entity bombs and no outside files. Proof: tests/data/own/boxes/test_xml_tree.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from zoo import reading
from zoo.errors import BadFile

DEEPEST = 64  # elements inside one another


@dataclass
class Element:
    """An element: its name, its line from 1, the text in it, and the elements in it."""

    tag: str
    line: int
    text: str = ""
    inside: list["Element"] = field(default_factory=list)

    def all(self, tag: str) -> Iterator["Element"]:
        """The elements of this name directly in it."""
        return (one for one in self.inside if one.tag == tag)

    def first(self, tag: str) -> "Element | None":
        """The first element of this name directly in it."""
        return next(self.all(tag), None)

    def word(self, tag: str) -> str:
        """The text of the first element of this name, without the space around it; "" if none."""
        found = self.first(tag)
        return found.text.strip() if found else ""


def read_xml(path: Path, what: str) -> Element:
    """The root of a file.

    Raises:
        Missing, BadFile: as ``zoo.reading.read_bytes``; BadFile for what is no XML, and for a
            document type.
    """
    data = reading.read_bytes(path, what, reading.TEXT)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    top = Element("", 1)
    stack = [top]

    def start(tag: str, _: dict[str, str]) -> None:
        line = parser.CurrentLineNumber
        if len(stack) > DEEPEST:
            raise BadFile(f"{path}:{line}: more than {DEEPEST} elements inside one another")
        one = Element(tag, line)
        stack[-1].inside.append(one)
        stack.append(one)

    def end(_: str) -> None:
        stack.pop()

    def text(part: str) -> None:
        stack[-1].text += part

    def doctype(*_: object) -> None:
        line = parser.CurrentLineNumber
        raise BadFile(f"{path}:{line}: a document type (<!DOCTYPE) is not read; delete that line")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    _parse(parser, data, path, what)
    return top.inside[0]


def _parse(parser: expat.XMLParserType, data: bytes, path: Path, what: str) -> None:
    try:
        parser.Parse(data, True)
    except BadFile:
        raise  # of a handler
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise BadFile(f"{path}:{error.lineno}: no XML: {reason}; expected {what}") from None
    except (ValueError, LookupError) as error:  # an encoding that is not known
        raise BadFile(f"{path} cannot be read: {error}; save it as UTF-8") from None
