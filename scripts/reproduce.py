"""Train every seed of a recipe and compare the mean with the published number.

python scripts/reproduce.py lenet5.digits
python scripts/reproduce.py sentiment.polarity --seeds 2
"""

import argparse

from zoo.api.training import Trained, reproduce
from zoo.errors import one_line
from zoo.options import parse_fields


def main(name: str, seeds: int | None = None, out: str | None = None, **fields: str) -> Trained:
    """Print the measured and the published number, and whether the claim is met."""
    run = reproduce(name, seeds=seeds, out=out, show=True, **fields)
    card = run.card
    print(f"{card.name}: {card.metric} {card.mean:.2f} +- {card.spread:.2f} {card.unit}")
    print(f"each seed: {', '.join(f'{value:.2f}' for value in card.measured)}")
    if card.met is not None:
        verdict = "met" if card.met else "NOT met"
        print(f"published {card.paper} ({card.paper_source}); limit {card.limit:.2f}: {verdict}")
    return run


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", help="a recipe")
    parser.add_argument("field", nargs="*", help="fields of the recipe to change: steps=200")
    parser.add_argument("--seeds", type=int, help="number of seeds (default: the recipe's)")
    parser.add_argument("--out", help="where to write (default runs/NAME)")
    args = parser.parse_intermixed_args()  # fields may stand behind an option
    with one_line():
        main(args.name, args.seeds, args.out, **parse_fields(args.field))
