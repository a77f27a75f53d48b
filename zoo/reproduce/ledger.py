"""The ledger: measured beside published numbers, rendered from the cards only.

README has a short table with the best weights of each test set, LEDGER.md all weights, all columns
and the sources of the published numbers. The markers in a page determine which of the two it gets.
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


def best_of_each_set(cards: list[Card]) -> list[Card]:
    """Of several weights with the same test set and metric the best, in the order of ``cards``."""
    best: dict[tuple[str, str], Card] = {}
    for card in cards:
        other = best.setdefault((card.data, card.metric), card)
        if card.better == "higher" and card.mean > other.mean:
            best[card.data, card.metric] = card
        if card.better == "lower" and card.mean < other.mean:
            best[card.data, card.metric] = card
    return [card for card in cards if card in best.values()]


def short_table(cards: list[Card]) -> str:
    """README's table: the columns of SHORT, a row for each test set and metric."""
    at = [FULL.index(column) for column in SHORT]
    rows = map(ledger_row, best_of_each_set(cards))
    return tables.markdown(SHORT, ([row[i] for i in at] for row in rows))


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
