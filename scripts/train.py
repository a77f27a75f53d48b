"""Train a recipe, or an architecture on your data: images, sentences, text or sound.

python scripts/train.py lenet5.digits steps=300
python scripts/train.py sentiment --data reviews.csv
python scripts/train.py deep_speech --data clips.jsonl --out runs/mine
"""

import argparse

import zoo
from zoo.api.training import Trained
from zoo.errors import one_line
from zoo.options import parse_fields


def main(name: str, data: str | None = None, out: str | None = None, **fields: str) -> Trained:
    """Train one seed; writes the weights, their card and figures to ``out`` (runs/NAME)."""
    run = zoo.train(name, data, out=out, show=True, **fields)
    card = run.card
    print(run.report)
    print(f"{card.name}: {card.metric} {run.scores[card.metric]:.2f} {card.unit} on the test set")
    print(f"try it: {run.command}")
    return run


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", help="a recipe, or with --data an architecture")
    parser.add_argument("field", nargs="*", help="fields of the recipe to change: steps=200")
    parser.add_argument("--data", help="your data, a folder or a file")
    parser.add_argument("--out", help="where to write (default runs/NAME)")
    args = parser.parse_intermixed_args()  # fields may stand behind an option
    with one_line():
        main(args.name, args.data, args.out, **parse_fields(args.field))
