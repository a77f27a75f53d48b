"""The ledger: measured beside published, rendered from cards and from nothing else.

README has a short table, LEDGER.md all columns and the sources of the published numbers. Which of
the two a page gets depends on the marks that stand in it.
"""

from pathlib import Path

from zoo.cards import Card
from zoo.reproduce import tables
from zoo.reproduce.page_section import renew

SHORT = ("weights", "test set", "metric", "published", "ours")
FULL = ("weights", "parameters", "test set", "metric", "published", "ours", "margin", "seeds")


def measured(card: Card) -> str:
    """Mean and standard deviation over the seeds: ``0.87 ± 0.05``."""
    return f"{card.mean:.2f} ± {card.spread:.2f}" if len(card.measured) > 1 else f"{card.mean:.2f}"


def cells(card: Card) -> tuple[str, ...]:
    """One row with all columns. The margin is ours minus the published."""
    published = "-" if card.paper is None else f"{card.paper:.2f}"
    margin = "-" if card.paper is None else f"{card.mean - card.paper:+.2f}"
    return (
        card.name,
        f"{card.parameters:,}",
        card.data,
        card.metric if card.unit in ("", card.metric) else f"{card.metric} {card.unit}",
        published,
        measured(card),
        margin,
        str(len(card.seeds)),
    )


def plain(cards: list[Card]) -> str:
    """The table for a terminal."""
    return tables.plain(FULL, map(cells, cards))


def short(cards: list[Card]) -> str:
    """README's table: what a reader compares."""
    at = [FULL.index(column) for column in SHORT]
    return tables.markdown(SHORT, ([row[i] for i in at] for row in map(cells, cards)))


def full(cards: list[Card]) -> str:
    """LEDGER.md's table, with the sources of the published numbers below."""
    sources = [f"- `{card.name}`: {card.paper_source}" for card in cards if card.paper is not None]
    table = tables.markdown(FULL, map(cells, cards))
    return "\n".join([table, "", "Where the published numbers stand:", "", *sources])


TABLES = {"ledger": short, "full ledger": full}  # what stands in the marks -> the table


def marks(name: str) -> tuple[str, str]:
    """The lines between which a table stands."""
    return f"<!-- {name}: make ledger -->", f"<!-- /{name} -->"


def update(page: Path, cards: list[Card]) -> bool:
    """Renew the tables whose marks stand in ``page``; whether anything changed.

    Raises:
        BadInput: if there are no marks.
    """
    text = page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""
    found = [name for name in TABLES if marks(name)[0] in text] or ["ledger"]
    return any([renew(page, *marks(name), TABLES[name](cards)) for name in found])
