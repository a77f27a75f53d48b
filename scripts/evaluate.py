"""Measure weights: the number of their card again, or their score on your data.

python scripts/evaluate.py lenet5.digits
python scripts/evaluate.py runs/sentiment.reviews --data more_reviews.csv
"""

import argparse

import zoo
from zoo.api.evaluation import Evaluation


def main(name: str, data: str | None = None, split: str = "test") -> Evaluation:
    """The scores and the worst mistakes; on the recipe's own test set the card's number too."""
    found = zoo.evaluate(name, data, split=split)
    print(found)
    print(found.mistakes())
    if not found.same:
        print(f"the card says {found.recorded:.2f}: not the same number")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", help="weights, the folder of a run, or A+B, which vote")
    parser.add_argument("--data", help="your data; by default the data of the recipe")
    parser.add_argument("--split", default="test", help="test (default), dev or train")
    args = parser.parse_args()
    main(args.name, args.data, args.split)
