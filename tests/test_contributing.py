"""CONTRIBUTING says what the tree holds: the layers of the layer test, and files that are there."""

import re
from pathlib import Path

from tests.test_layers import ALLOWED, BASE

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def layers():
    """The map of the page: layer -> what it may import, with the names of groups resolved."""
    block = re.search(r"<!-- layers -->\n```\n(.*?)```", PAGE, re.DOTALL)[1]
    lines = re.sub(r"\n +", " ", block).split("\n")  # a line may go on
    words = {name: set(more) for name, *more in map(str.split, filter(None, lines))}
    groups = {name: words.pop(name) for name in ("ground", "tools", "leaves")}
    return {
        name: {one for word in more for one in groups.get(word, {word})}
        for name, more in words.items()
    }


def test_the_map_of_the_layers_is_that_of_the_layer_test():
    assert layers() == {name: allowed for name, allowed in ALLOWED.items() if allowed}
    base = re.search(r"stands behind its name, and `(.*?)`", PAGE)[1]
    assert set(base.split()) == BASE


def test_every_layer_stands_above_those_that_it_imports():
    order = list(layers())
    for at, name in enumerate(order):
        below = {word.split(".")[0] for word in layers()[name]}
        assert below & set(order[: at + 1]) == set(), name


def test_files_and_folders_that_are_named_are_there():
    """Of a file that is still to be written (NAME, WORD) the folder."""
    named = set(re.findall(r"`((?:zoo|tests|scripts)/[\w./]+)`", PAGE))
    new = {name for name in named if "NAME" in name or "WORD" in name}
    assert new
    assert [name for name in new if not (ROOT / name).parent.is_dir()] == []
    assert [name for name in named - new if not (ROOT / name).exists()] == []


def test_make_targets_that_are_named_are_there():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"`make (\w+)", PAGE)) <= set(targets)
