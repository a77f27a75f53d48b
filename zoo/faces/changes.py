"""Identities removed, renamed, joined. Proof: tests/faces/test_changes.py."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from zoo.errors import BadInput, in_line, unknown
from zoo.faces.book_file import MOST_NAME, Content


def without(content: Content, names: Sequence[str]) -> Content:
    """The identities but some.

    Raises:
        UnknownName: for one that is not there.
        BadInput: if no one would be left.
    """
    for name in names:
        _check(content, name)
    kept = [name for name in content.names if name not in {*names}]
    if not kept:
        raise BadInput("that leaves no one in the book; delete its file instead")
    return _under(content, {name: name for name in kept})


def renamed(content: Content, old: str, new: str) -> Content:
    """One identity under another name; a name that is there already joins both.

    Raises:
        UnknownName: if ``old`` is not there.
        BadInput: for a name that is empty or too long.
    """
    _check(content, old)
    if not 0 < len(new) <= MOST_NAME:
        raise BadInput(f"a name has 1 to {MOST_NAME} characters, got {len(new)}")
    return _under(content, {name: new if name == old else name for name in content.names})


def merged(content: Content, other: Content) -> Content:
    """The identities of both; those of the same name are joined.

    Raises:
        BadInput: if the two belong to different weights.
    """
    if content.sha256 != other.sha256:
        raise BadInput(
            f"the books belong to {content.model} and {other.model}: vectors of two networks "
            "cannot be compared"
        )
    names = tuple(dict.fromkeys([*content.names, *other.names]))
    row = {name: number for number, name in enumerate(names)}
    rows = torch.tensor([row[name] for name in other.names])
    return replace(
        content,
        names=names,
        vectors=torch.cat([content.vectors, other.vectors]),
        owners=torch.cat([content.owners, rows[other.owners]]),
    )


def _under(content: Content, names: Mapping[str, str]) -> Content:
    """Only the identities in ``names``, under their new ones."""
    new = tuple(dict.fromkeys(names.values()))
    row = {name: number for number, name in enumerate(new)}
    rows = torch.tensor([row[names[name]] if name in names else -1 for name in content.names])
    owners = rows[content.owners]
    kept = owners >= 0
    return replace(content, names=new, vectors=content.vectors[kept], owners=owners[kept])


def _check(content: Content, name: str) -> None:
    if name not in content.names:
        raise unknown("identity", in_line(name), map(in_line, content.names))
