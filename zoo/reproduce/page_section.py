"""A section of a page that a command updates, between two marker lines."""

from pathlib import Path

from zoo import files
from zoo.errors import BadInput


def replace_section(page: Path, begin: str, end: str, text: str) -> bool:
    """Put ``text`` between the lines ``begin`` and ``end`` of ``page``; returns whether it changed.

    Raises:
        BadInput: if the page or the markers do not exist.
    """
    try:
        old = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {page}: {error}") from error
    before, opening, rest = old.partition(begin)
    _, closing, after = rest.partition(end)
    if not (opening and closing):
        raise BadInput(f"{page} has no lines {begin} and {end} for the table")
    new = f"{before}{begin}\n{text}\n{end}{after}"
    if new != old:
        files.write(page, new)
    return new != old
