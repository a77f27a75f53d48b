"""The ledger: measured beside published, rendered from cards and from nothing else."""

from pathlib import Path

from zoo.cards import Card
from zoo.reproduce.marks import renew

BEGIN, END = "<!-- ledger: make ledger -->", "<!-- /ledger -->"
HEAD = ("weights", "parameters", "test set", "metric", "published", "ours", "margin", "seeds")


def measured(card: Card) -> str:
    """Mean and spread over the seeds: ``0.87 ± 0.05``."""
    return f"{card.mean:.2f} ± {card.spread:.2f}" if len(card.measured) > 1 else f"{card.mean:.2f}"


def cells(card: Card) -> tuple[str, ...]:
    """One row of the ledger. The margin is ours minus the published: negative is better."""
    published = "-" if card.paper is None else f"{card.paper:.2f}"
    margin = "-" if card.paper is None else f"{card.mean - card.paper:+.2f}"
    return (
        card.name,
        f"{card.parameters:,}",
        card.data,
        f"{card.metric} %",
        published,
        measured(card),
        margin,
        str(len(card.seeds)),
    )


def plain(cards: list[Card]) -> str:
    """The table for a terminal."""
    rows = [HEAD, *(cells(card) for card in cards)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * w for w in widths))
    return "\n".join(line.rstrip() for line in lines)


def markdown(cards: list[Card]) -> str:
    """The table for README, with the sources of the published numbers below."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join((f"`{row[0]}`", *row[1:])) + " |" for row in map(cells, cards)]
    sources = [f"`{c.name}`: {c.paper_source}" for c in cards if c.paper is not None]
    return "\n".join([*lines, "", "Published: " + "; ".join(sources) + "."])


def update(readme: Path, cards: list[Card]) -> bool:
    """Renew the table between the marks in ``readme``; whether anything changed.

    Raises:
        BadInput: if the marks are not there.
    """
    return renew(readme, BEGIN, END, markdown(cards))
