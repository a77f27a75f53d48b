"""Evaluate weights: on the test set of their card, or on your data.

python scripts/evaluate.py lenet5.digits
python scripts/evaluate.py runs/sentiment.reviews --data more_reviews.csv
"""

import argparse

import zoo
from zoo.api.evaluation import Evaluation
from zoo.errors import note, one_line


def main(name: str, data: str | None = None, split: str | None = None) -> Evaluation:
    """Print the scores, beside the card's number if it is of these examples, and mistakes."""
    result = zoo.evaluate(name, data, split=split)
    for line in result.notices():
        note(line)
    print(result)
    print(result.mistakes())
    if not result.same:
        print(f"the card has {result.recorded:.2f}: not the same number")
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", help="weights, the folder of a run, or A+B, an ensemble")
    parser.add_argument("--data", help="your data; by default the data of the recipe")
    parser.add_argument("--split", help="test (default), dev or train; of your data also all, new")
    args = parser.parse_args()
    with one_line():
        main(args.name, args.data, args.split)
