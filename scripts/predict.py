"""Predict from raw inputs: images, sound files, or text in quotes.

python scripts/predict.py lenet5.mnist seven.png eight.png
python scripts/predict.py sentiment.polarity "A gorgeous, witty film"
python scripts/predict.py deep_speech.fsdd clip.wav --option beam=50
"""

import argparse
import json

import zoo
from zoo.errors import one_line
from zoo.options import parse_fields


def main(name: str, inputs: list[str], **options: str) -> list[str]:
    """Print the prediction for each input, as text and as JSON."""
    predictor = zoo.load(name, **options)
    predictions = predictor(inputs)  # a list goes through the network in batches
    for raw, prediction in zip(inputs, predictions, strict=True):
        print(f"{raw}: {prediction}", json.dumps(prediction.to_json()), sep="\n  ")
    return [f"{raw}: {prediction}" for raw, prediction in zip(inputs, predictions, strict=True)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", help="weights, or the folder of a run")
    parser.add_argument("input", nargs="+", help="files, or texts in quotes")
    parser.add_argument("--option", action="append", default=[], help="such as beam=50")
    args = parser.parse_args()
    with one_line():
        main(args.name, args.input, **parse_fields(args.option))
