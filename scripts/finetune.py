"""Fine-tune pretrained weights on your data: images, sentences, text or sound.

python scripts/finetune.py resnet20.cifar10_jpeg --data flowers/
python scripts/finetune.py sentiment.polarity --data reviews.csv freeze=1
"""

import argparse

import zoo
from zoo.api.training import Trained
from zoo.errors import one_line
from zoo.options import parse_fields


def main(weights: str, data: str, out: str | None = None, **fields: str) -> Trained:
    """Fine-tune, then use the new weights on one input."""
    run = zoo.finetune(weights, data, out=out, show=True, **fields)
    card = run.card
    print(run.report)
    print(f"{card.name}: {card.metric} {run.scores[card.metric]:.2f} {card.unit} on the test set")
    print(f"{run.example}: {zoo.load(run.folder)(run.example)}")
    return run


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("weights", help="a name, or the folder of a run")
    parser.add_argument("field", nargs="*", help="fields of the recipe to change: freeze=2")
    parser.add_argument("--data", required=True, help="your data, a folder or a file")
    parser.add_argument("--out", help="where to write (default runs/NAME)")
    args = parser.parse_intermixed_args()  # fields may stand behind an option
    with one_line():
        main(args.weights, args.data, args.out, **parse_fields(args.field))
