"""The ledger: measured beside published numbers, rendered from the cards only.

README has a short table, LEDGER.md all columns and the sources of the published numbers. The
markers in a page determine which of the two it gets.
"""

from pathlib import Path

from zoo import reading
from zoo.cards import Card
from zoo.reproduce import tables
from zoo.reproduce.page_section import replace_section

SHORT = ("weights", "test set", "metric", "published", "ours")
FULL = ("weights", "parameters", "test set", "metric", "published", "ours", "margin", "seeds")


def mean_and_spread(card: Card) -> str:
    """Mean and standard deviation over the seeds: ``0.87 ± 0.05``."""
    return f"{card.mean:.2f} ± {card.spread:.2f}" if len(card.measured) > 1 else f"{card.mean:.2f}"


def ledger_row(card: Card) -> tuple[str, ...]:
    """One row with all columns; the margin is the measured minus the published number."""
    published = "-" if card.paper is None else f"{card.paper:.2f}"
    margin = "-" if card.paper is None else f"{card.mean - card.paper:+.2f}"
    return (
        card.name,
        f"{card.parameters:,}",
        card.data,
        card.metric if card.unit in ("", card.metric) else f"{card.metric} {card.unit}",
        published,
        mean_and_spread(card),
        margin,
        str(len(card.seeds)),
    )


def terminal_table(cards: list[Card]) -> str:
    """The table for a terminal."""
    return tables.plain(FULL, map(ledger_row, cards))


def short_table(cards: list[Card]) -> str:
    """README's table: the columns of SHORT."""
    at = [FULL.index(column) for column in SHORT]
    return tables.markdown(SHORT, ([row[i] for i in at] for row in map(ledger_row, cards)))


def full_table(cards: list[Card]) -> str:
    """LEDGER.md's table, with the sources of the published numbers below."""
    sources = [f"- `{card.name}`: {card.paper_source}" for card in cards if card.paper is not None]
    table = tables.markdown(FULL, map(ledger_row, cards))
    return "\n".join([table, "", "Where the published numbers stand:", "", *sources])


TABLES = {"ledger": short_table, "full ledger": full_table}  # name in the markers -> its table


def markers(name: str) -> tuple[str, str]:
    """The lines before and after a table."""
    return f"<!-- {name}: make ledger -->", f"<!-- /{name} -->"


def update(page: Path, cards: list[Card]) -> bool:
    """Update the tables whose markers are in ``page``; returns whether anything changed.

    Raises:
        BadInput: if there are no markers.
    """
    is_there = reading.is_file(page)
    text = reading.read_text(page, "a page", reading.SMALL) if is_there else ""
    names = [name for name in TABLES if markers(name)[0] in text] or ["ledger"]
    return any([replace_section(page, *markers(name), TABLES[name](cards)) for name in names])
