"""``zoo info NAME``: the facts about an architecture, weights or a recipe, without torch."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from zoo import cards, registry
from zoo.errors import unknown
from zoo.reproduce.ledger import mean_and_spread

DIGITS_OF_SHA256 = 64


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "name",
        help="an architecture (lenet5), weights or a recipe (lenet5.mnist), or a run's folder",
    )
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Print the facts, one per line."""
    about, weights = registry.index(), cards.list_weights()
    if args.name in about["models"]:
        facts = architecture_facts(args.name, args.json)
    elif args.name in weights or Path(args.name).exists():  # a run's folder
        facts = card_facts(cards.card(args.name), args.json)
    elif args.name in about["recipes"]:
        facts = {"recipe": args.name, **about["recipes"][args.name], "weights": "none shipped"}
    else:
        known = {*about["models"], *about["recipes"], *weights}
        raise unknown("model, weights or recipe", args.name, known)
    if args.json:
        print(json.dumps(facts, indent=1))
    else:
        wide = max(map(len, facts))
        for key, value in facts.items():
            text = ", ".join(map(str, value)) if isinstance(value, list) else value
            print(f"{key:{wide}}  {text}")
    return 0


def architecture_facts(name: str, as_json: bool) -> dict[str, Any]:
    """Facts about an architecture, from the index; ``as_json``: numbers not as text."""
    entry = registry.index()["models"][name]
    return {
        "architecture": name,
        "summary": entry["summary"],
        "paper": entry["paper"],
        "task": entry["task"],
        "parameters": entry["parameters"] if as_json else f"{entry['parameters']:,}",
        "input shape": entry["input_shape"],
        "arguments": [f"{k}={v!r}" for k, v in entry["arguments"].items()],
        "file": entry["module"].replace(".", "/") + ".py",
        "weights": cards.list_weights(f"{name}.*") or "none",
    }


def card_facts(card: cards.Card, everything: bool) -> dict[str, Any]:
    """Facts from a card: all fields if ``everything`` (for JSON), else a summary."""
    if everything:
        return {
            **asdict(card),
            "folder": str(card.folder),
            "mean": card.mean,
            "spread": card.spread,
        }
    facts = {
        "weights": card.name,
        "architecture": card.arch,
        "arguments": [f"{k}={v}" for k, v in card.arguments.items()] or "the defaults",
        "task": card.task,
        "parameters": f"{card.parameters:,}",
        "trained on": f"{card.data} ({card.data_licence})",
        "licence": card.weights_licence,
    }
    published = f"{card.paper} {card.unit} ({card.paper_source})" if card.paper is not None else "-"
    last = {"notes": card.notes or "-"}
    if card.converter:
        return facts | published_elsewhere(card) | {"the paper's": published} | last
    return facts | trained_here(card, published) | last


def trained_here(card: cards.Card, published: str) -> dict[str, Any]:
    """Facts about weights that were trained by a recipe of the zoo."""
    separate = ("recipe", "arch", "arguments")  # printed on lines of their own
    settings = {k: v for k, v in card.settings.items() if v and k not in separate}
    seeds = ", ".join(map(str, card.seeds)) or "unknown"
    return {
        card.metric: f"{mean_and_spread(card)} {card.unit} on the test set, seeds {seeds}",
        **{name: ", ".join(f"{v:.2f}" for v in values) for name, values in card.also.items()},
        "these weights": f"{card.shipped:.2f} {card.unit}"
        + "".join(f" (seed {s})" for s in card.seeds[:1]),
        "published": published,
        "claim met": {True: "yes", False: "no", None: "-"}[card.met],
        "recipe": "  ".join(f"{k}={v}" for k, v in settings.items()),
        "training": f"{card.seconds:.0f} s a seed on {card.device}, torch {card.torch}",
        "commit": card.commit,
        "file": f"{card.file}, {card.bytes:,} bytes",
        "sha256": card.sha256,
    }


def published_elsewhere(card: cards.Card) -> dict[str, Any]:
    """Facts about weights that others trained and measured."""
    by = card.converter if card.url else "its author"
    return {
        card.metric: f"{mean_and_spread(card)} %, as {by} publishes it",
        "recipe": card.recipe,
        "address": card.url or "-",
        "file": f"{card.file}, about {card.bytes / 1e6:.0f} MB, "
        + ("downloaded at first use" if card.url else "shipped"),
        "sha256": card.sha256
        if len(card.sha256) == DIGITS_OF_SHA256
        else f"{card.sha256}... (all that is published; the rest is recorded at first use)",
    }
