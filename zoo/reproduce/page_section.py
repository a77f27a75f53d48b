"""A section of a page that a command updates, between two marker lines."""

from pathlib import Path

from zoo import files, reading
from zoo.errors import BadFile, BadInput, Missing


def replace_section(page: Path, begin: str, end: str, text: str) -> bool:
    """Put ``text`` between the lines ``begin`` and ``end`` of ``page``; returns whether it changed.

    Raises:
        BadInput: if the page or the markers do not exist.
    """
    try:
        old = reading.read_text(page, "a page", reading.SMALL)
    except (Missing, BadFile) as error:
        raise BadInput(f"cannot read {page}: {error}") from error
    before, opening, rest = old.partition(begin)
    _, closing, after = rest.partition(end)
    if not (opening and closing):
        raise BadInput(f"{page} has no lines {begin} and {end} for the table")
    new = f"{before}{begin}\n{text}\n{end}{after}"
    if new != old:
        files.write(page, new)
    return new != old
