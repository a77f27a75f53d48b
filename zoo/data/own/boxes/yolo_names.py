"""What lies beside YOLO's labels: the names of the classes, and which image is in which split.

    data.yaml                 obj.data                    classes.txt, obj.names
      train: images/train       classes = 2                 cat
      val: images/val           train = data/train.txt      dog
      names: [cat, dog]         names = data/obj.names

Of YAML what such files have is read: keys at the margin, values in a line, lists in brackets, and
a list or numbered names below ``names``. ``.labels``, which Roboflow writes for Darknet, are names.
Proof: tests/data/own/boxes/test_yolo_names.py.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zoo import reading
from zoo.data.own.boxes.layout import Files
from zoo.data.own.split_names import split_of
from zoo.data.own.told import few
from zoo.errors import BadFile, BadInput

KEY = re.compile(r"([\w ]+?)\s*[:=]\s*(.*)")
ENTRY = re.compile(r"(?:-|(\d+)\s*:)\s*(.+)")  # "- cat" or "0: cat"
NUMBERED = re.compile(r"\s*(\d+)\s*:\s*(.+)")  # in {0: cat, 1: dog}
QUOTED = re.compile(r"""\"(?:\\.|[^\"\\])*\"|'(?:[^']|'')*'""")
CONTENT = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'(?:[^']|'')*'|(?!\s\#|^\#).)*""")  # before a comment
NAMES = ("classes.txt", "obj.names")


@dataclass(frozen=True)
class Described:
    """What a description says.

    Attributes:
        path: its file; None if there is none.
        names: of the classes, in their order; () if it has none.
        splits: what it says of each split: names of folders, or of files that list images.
    """

    path: Path | None = None
    names: tuple[str, ...] = ()
    splits: dict[str, list[str]] = field(default_factory=dict)


def described(files: Files) -> Described:
    """The description of a folder, from the only file that has one.

    Raises:
        BadFile: if one cannot be understood.
        BadInput: if there are two that say different things.
    """
    texts = [*files.texts[".yaml"], *files.texts[".yml"], *files.texts[".data"]]
    found = [one for path in texts if (one := _yaml(files, path)).names or one.splits]
    if not any(one.names for one in found):
        lists = [p for p in files.texts[".txt"] if p.name.lower() in NAMES]
        texts = [*files.texts[".names"], *files.texts[".labels"]]
        named = [Described(path, _lines(path)) for path in [*texts, *lists]]
        names = _only([one for one in named if one.names])
        splits = _only(found)
        return Described(names.path or splits.path, names.names, splits.splits)
    return _only(found)


def _only(found: list[Described]) -> Described:
    first = found[0] if found else Described()
    for other in found[1:]:
        if (other.names, other.splits) != (first.names, first.splits):
            raise BadInput(f"{first.path} and {other.path} say different things; remove one")
    return first


def _lines(path: Path) -> tuple[str, ...]:
    text = reading.read_text(path, "names of classes", reading.SMALL)
    return _checked([line.strip() for line in text.rstrip().splitlines()], path)


def _checked(names: list[str], path: Path) -> tuple[str, ...]:
    for number, name in enumerate(names):
        if not name or name in names[:number]:
            said = f"{name!r} twice" if name else "no name"
            raise BadFile(f"{path}: class {number} has {said}; expected a name of its own for each")
    return tuple(names)


def _yaml(files: Files, path: Path) -> Described:
    """A file of keys and values, with ``:`` or ``=``."""
    text = reading.read_text(path, "a description of YOLO's data", reading.SMALL)
    values: dict[str, list[str]] = {}
    numbers: list[str] = []
    key = ""
    for number, line in _whole_lines(path, text):
        entry = ENTRY.fullmatch(line.strip())
        if entry and key and line[0] in " \t-":
            values[key].append(_plain(entry[2]))
            numbers += [entry[1]] if key == "names" and entry[1] else []
        elif line[0] in " \t":
            continue  # of a part of the file that is not needed
        elif found := KEY.fullmatch(line):
            key = found[1].strip().lower()
            values[key] = _listed(found[2].strip())
            numbers = _keys(found[2].strip()) if key == "names" else numbers
        elif path.suffix == ".data" or "names" in values:
            raise BadFile(f"{path}:{number} is not understood: {line.strip()[:60]!r}")
    return _understood(files, path, values, numbers)


def _understood(
    files: Files, path: Path, values: dict[str, list[str]], numbers: list[str]
) -> Described:
    names = values.get("names", [])
    if numbers and [int(one) for one in numbers] != list(range(len(names))):
        got = f"{few(numbers)}; expected {len(names)} names, 0 to {len(names) - 1} in their order"
        raise BadFile(f"{path}: names are numbered {got}")
    if path.suffix == ".data":
        names = [name for one in names for name in _names_file(files, one)]
    count = next(iter(values.get("nc") or values.get("classes") or []), "")
    if names and count.isdecimal() and int(count) != len(names):
        raise BadFile(f"{path} has {len(names)} names of {count} classes; expected as many")
    splits = {split: values[key] for key in values if (split := split_of(key)) and values[key]}
    return Described(path, _checked(names, path), splits)


def _names_file(files: Files, name: str) -> tuple[str, ...]:
    """The names in the file that obj.data names, wherever it lies now."""
    last = Path(name.replace("\\", "/")).name
    everywhere = [path for paths in files.texts.values() for path in paths if path.name == last]
    return _lines(everywhere[0]) if everywhere else ()


def _whole_lines(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """Lines that are not empty, without comments; a list in brackets over several becomes one."""
    begun, first = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = _without_comment(raw)
        if begun:
            line = f"{begun} {line.strip()}"
        if _is_open(line):
            begun, first = line, first or number
        elif line.strip():
            yield first or number, line
            begun, first = "", 0
    if begun:
        raise BadFile(f"{path}:{first}: the list that begins here has no end; close its bracket")


def _is_open(line: str) -> bool:
    found = KEY.fullmatch(line) if line[:1] not in (" ", "\t") else None
    value = QUOTED.sub("", found[2]) if found else ""
    return value[:1] in ("[", "{") and sum(map(value.count, "[{")) > sum(map(value.count, "]}"))


def _without_comment(line: str) -> str:
    found = CONTENT.match(line)
    return found[0].rstrip() if found else ""


def _listed(value: str) -> list[str]:
    """A value in a line: [a, 'b'], {0: a, 1: b}, or one word."""
    if value[:1] in "[{" and value[-1:] in "]}" and value:
        inner = [one.strip() for one in _split(value[1:-1])]
        if value[0] == "{":
            inner = [found[2] if (found := NUMBERED.fullmatch(one)) else one for one in inner]
        inner = [one for one in inner if one]
        return [_plain(one) for one in inner]
    return [_plain(value)] if value else []


def _keys(value: str) -> list[str]:
    """The numbers in {0: a, 1: b}."""
    inner = _split(value[1:-1]) if value[:1] == "{" else []
    return [found[1] for one in inner if (found := NUMBERED.fullmatch(one))]


def _split(text: str) -> list[str]:
    """At the commas that stand in no quotes."""
    return re.findall(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[^,"'])+""", text)


def _plain(value: str) -> str:
    """Without the quotes around it."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return str(json.loads(value))
        except ValueError:
            return value[1:-1]
    return (
        value[1:-1].replace("''", "'") if len(value) > 1 and value[0] == value[-1] == "'" else value
    )
