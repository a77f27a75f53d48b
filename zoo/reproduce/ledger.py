"""The ledger: measured beside published, rendered from cards and from nothing else."""

from pathlib import Path

from zoo.cards import Card
from zoo.reproduce import tables
from zoo.reproduce.marks import renew

BEGIN, END = "<!-- ledger: make ledger -->", "<!-- /ledger -->"
HEAD = ("weights", "parameters", "test set", "metric", "published", "ours", "margin", "seeds")


def measured(card: Card) -> str:
    """Mean and spread over the seeds: ``0.87 ± 0.05``."""
    return f"{card.mean:.2f} ± {card.spread:.2f}" if len(card.measured) > 1 else f"{card.mean:.2f}"


def cells(card: Card) -> tuple[str, ...]:
    """One row of the ledger. The margin is ours minus the published."""
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
    return tables.plain(HEAD, map(cells, cards))


def markdown(cards: list[Card]) -> str:
    """The table for README, with the sources of the published numbers below."""
    sources = [f"`{c.name}`: {c.paper_source}" for c in cards if c.paper is not None]
    table = tables.markdown(HEAD, map(cells, cards))
    return "\n".join([table, "", "Published: " + "; ".join(sources) + "."])


def update(readme: Path, cards: list[Card]) -> bool:
    """Renew the table between the marks in ``readme``; whether anything changed.

    Raises:
        BadInput: if the marks are not there.
    """
    return renew(readme, BEGIN, END, markdown(cards))
