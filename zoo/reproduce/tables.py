"""Rows of cells as a table, as plain text and as Markdown."""

from collections.abc import Iterable, Sequence


def plain(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with aligned columns and a line under the head.

    >>> print(plain(["a", "b"], [["1", "22"]]))
    a  b
    -  --
    1  22
    """
    table = [head, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in table]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The table as Markdown; the first cell of each row is set as code."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join((f"`{first}`", *others)) + " |" for first, *others in rows]
    return "\n".join(lines)
