"""``zoo list``: the names of architectures, weights and recipes, without importing torch."""

import argparse
import json
from collections.abc import Sequence
from fnmatch import fnmatchcase

from zoo import cards, registry


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument("pattern", nargs="?", default="*", help="a shell pattern: 'lenet*'")
    parser.add_argument("--task", help="only those for this task, such as classification")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the architectures, weights and recipes that match."""
    models = registry.list_models(args.pattern, task=args.task)
    weights = [cards.card(n) for n in cards.list_weights(args.pattern, task=args.task)]
    about = registry.index()
    recipes = {
        name: run
        for name, run in about["recipes"].items()
        if fnmatchcase(name, args.pattern)
        and args.task in (None, about["models"].get(run["arch"], {}).get("task"))
    }
    if args.json:
        names = {"models": models, "weights": [c.name for c in weights], "recipes": list(recipes)}
        print(json.dumps(names, indent=1))
        return 0
    sections = {
        "architectures": {n: about["models"].get(n, {}).get("summary", "") for n in models},
        "weights": {c.name: card_summary(c) for c in weights},
        "recipes": {n: run["summary"] for n, run in recipes.items()},
    }
    shown = False
    for title, names in sections.items():
        if names:
            print(("\n" if shown else "") + title)
            shown = True
            wide = max(map(len, names))
            for name, summary in names.items():
                print(f"  {name:{wide}}  {summary}")
    if not shown:
        print(f"nothing matches {args.pattern!r}")
    return 0


def card_summary(card: cards.Card) -> str:
    """The score, the data and the origin of some weights."""
    others = f" (of {card.converter}, downloaded at first use)" if card.url else " (of others)"
    origin = others if card.converter else ""
    unit = "" if card.unit in ("", card.metric) else f" {card.unit}"
    return f"{card.metric} {card.mean:.2f}{unit} on {card.data}{origin}"
