"""``zoo evaluate WEIGHTS [--data FOLDER]``: the number of the card again, or yours."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.cards import Card
    from zoo.data.batching import Splits


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("name", help="weights (lenet5.mnist), or a folder that zoo train wrote")
    parser.add_argument("--data", metavar="FOLDER", help="your pictures, one folder per class")
    parser.add_argument("--split", default="test", help="test (default), dev or train")
    parser.add_argument("--mistakes", metavar="PNG", help="also draw the worst mistakes")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Print the scores; exit code 1 if the card's own number does not come out."""
    import json

    from zoo import cards
    from zoo.errors import unknown
    from zoo.predict import choose_device
    from zoo.pretrained.create import from_card
    from zoo.tasks.classify import Classify
    from zoo.viz.mistakes import mistakes_sheet

    card = cards.card(args.name)
    data = _own(card, Path(args.data)) if args.data else _of_recipe(card)
    task = Classify(from_card(card).to(choose_device(args.device)), data)
    if args.split not in data.parts():
        raise unknown("split", args.split, data.parts())
    scores = task.evaluate(args.split)
    own = args.data is None and args.split == "test"
    same = abs(scores[card.metric] - card.shipped) < 0.02  # a rounding of one picture in 10,000
    if args.json:
        recorded = card.shipped if own else None
        print(json.dumps({"name": card.name, "split": args.split, **scores, "card": recorded}))
    else:
        said = "  ".join(f"{name} {score:.2f} %" for name, score in scores.items())
        beside = f"  (card: {card.shipped:.2f} %)" if own else ""
        where = f"{data.name} {args.split} ({len(data.parts()[args.split])})"
        print(f"{card.name} on {where}: {said}{beside}")
    if args.mistakes:
        mistakes_sheet(task.mistakes(args.split), Path(args.mistakes), title=card.name)
    return 0 if same or not own else 1


def _of_recipe(card: "Card") -> "Splits":
    """The data the card was measured on."""
    from zoo.errors import BadInput, UnknownName
    from zoo.recipes.recipe import get_recipe

    if card.converter:
        raise BadInput(
            f"{card.name} was measured by {card.converter} on {card.data}, which cannot be "
            f"downloaded: add --data FOLDER, with one folder of pictures per class"
        )
    try:
        return get_recipe(card.recipe).data()
    except UnknownName as error:
        raise BadInput(f"{card.name} was not trained by a recipe: add --data FOLDER") from error


def _own(card: "Card", folder: Path) -> "Splits":
    """A folder whose class folders have the card's names: all of it is the test set.

    ImageNet's own names of folders (n01440764, ...) will do too, if all classes are there: in
    their order they are the classes in the card's order.
    """
    from dataclasses import replace

    import torch

    from zoo.data.batching import Splits
    from zoo.data.folder import class_names, read_classes
    from zoo.data.front_end import PictureFrontEnd

    front_end = PictureFrontEnd.from_card(card.front_end)
    place = folder / "test" if (folder / "test").is_dir() else folder
    classes = tuple(name.replace("/", "-") for name in card.classes)  # as folders are named
    found = class_names(place)
    if len(found) == len(classes) and all(re.fullmatch(r"n\d{8}", name) for name in found):
        classes = found
    by_name = sorted(classes)  # as folders are read
    whole = read_classes(place, front_end, tuple(by_name))
    order = torch.tensor([classes.index(name) for name in by_name])
    whole = replace(whole, labels=order[whole.labels], classes=tuple(card.classes))
    return Splits(folder.name, "the user's own", whole, whole, whole, front_end)
