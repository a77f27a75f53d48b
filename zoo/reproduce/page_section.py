"""A part of a page that a command renews: what stands between two marks."""

from pathlib import Path

from zoo import files
from zoo.errors import BadInput


def renew(page: Path, begin: str, end: str, text: str) -> bool:
    """Put ``text`` between the lines ``begin`` and ``end`` of ``page``; whether it changed.

    Raises:
        BadInput: if the page or the marks are not there.
    """
    try:
        old = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {page}: {error}") from error
    before, found, rest = old.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise BadInput(f"{page} has no lines {begin} and {end} for the table")
    new = f"{before}{begin}\n{text}\n{end}{after}"
    if new != old:
        files.write(page, new)
    return new != old
