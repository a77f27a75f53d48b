"""``zoo evaluate WEIGHTS[+WEIGHTS] [--data PATH]``: the number of the card again, or yours."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from zoo.cards import Card
    from zoo.data.image.pictures import Splits


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    from zoo.cli.common import OWN_DATA

    parser.add_argument(
        "name", help="weights (lenet5.mnist), a folder that zoo train wrote, or A+B"
    )
    parser.add_argument("--data", metavar="PATH", help=OWN_DATA)
    parser.add_argument("--split", default="test", help="test (default), dev or train")
    parser.add_argument("--crops", type=int, choices=(1, 10, 144), help="average over crops")
    parser.add_argument("--mistakes", metavar="PNG", help="also draw the worst mistakes")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Print the scores; exit code 1 if the card's own number does not come out."""
    import json

    from zoo.errors import unknown
    from zoo.reproduce.train import say_notices
    from zoo.viz.mistakes import mistakes_sheet

    chosen = _cards(args.name)
    card, name = chosen[0], "+".join(one.name for one in chosen)
    task = _task(chosen, args)
    data = task.data
    parts = data.parts() if hasattr(data, "parts") else {"test": []}  # vectors: published tests
    if args.split not in parts:
        raise unknown("split", args.split, parts)
    say_notices(task, args.split)
    scores = task.evaluate(args.split)
    own = args.data is None and args.split == "test"  # is it what the card's number was?
    own = own and len(chosen) == 1 and not args.crops
    same = abs(scores[card.metric] - card.shipped) < 0.02  # a rounding of one picture in 10,000
    if args.json:
        recorded = card.shipped if own else None
        print(json.dumps({"name": name, "split": args.split, **scores, "card": recorded}))
    else:
        noted = {card.metric: f"  (card: {card.shipped:.2f} {card.unit})"} if own else {}
        said = "  ".join(
            f"{metric} {score:.2f}{_unit(card, metric)}{noted.get(metric, '')}"
            for metric, score in scores.items()
        )
        count = f" ({len(parts[args.split])})" if parts[args.split] else ""
        where = f"{data.name} {args.split}{count}"
        print(f"{name} on {where}: {said}")
    if args.mistakes:
        mistakes_sheet(task.mistakes(args.split), Path(args.mistakes), title=name)
    return 0 if same or not own else 1


def _unit(card: "Card", metric: str) -> str:
    """What stands behind a score."""
    known = card.unit if metric == card.metric else "%" if card.task == "classification" else ""
    return f" {known}" if known else ""


def _task(chosen: "list[Card]", args: argparse.Namespace) -> Any:
    """The task that measures the weights, on the recipe's data or on the user's own."""
    from zoo.tasks.classification import ClassificationTask

    card = chosen[0]
    if card.task == "classification":
        data = _own(card, Path(args.data)) if args.data else _of_recipe(card).data()
        return ClassificationTask(_network(chosen, args.device, args.crops), data)
    return _other_task(chosen, args)


def _other_task(chosen: "list[Card]", args: argparse.Namespace) -> Any:
    """The same for what is no picture: the task as the recipe, or the user's data, makes it."""
    from zoo.errors import BadInput
    from zoo.predict import choose_device
    from zoo.reproduce.measure import task_of

    card = chosen[0]
    for given, what in ((len(chosen) > 1, "A+B"), (args.crops, "--crops")):
        if given:
            raise BadInput(f"{what} is for pictures; {card.name} is for the task {card.task}")
    if args.mistakes:
        raise BadInput(f"--mistakes is for pictures; {card.name} is for the task {card.task}")
    if not args.data:
        _of_recipe(card)  # or it is said that there is none
    device = choose_device(args.device)
    return task_of(card, device, Path(args.data) if args.data else None)


def _cards(text: str) -> "list[Card]":
    """The cards of one name, or of several with + between them: an ensemble."""
    from zoo import cards
    from zoo.errors import BadInput

    names = [text] if Path(text).exists() else text.split("+")
    chosen = [cards.card(name) for name in names]
    for other in chosen[1:]:
        for what in ("classes", "front_end", "data"):
            if getattr(other, what) != getattr(chosen[0], what):
                names = [chosen[0].name, other.name]
                raise BadInput(f"{' and '.join(names)} differ in {what}: they cannot vote together")
    return chosen


def _network(chosen: "list[Card]", device: str, crops: int | None) -> "nn.Module":
    """The network of a card, or the mean of several; looking at crops if asked to."""
    from zoo.practice.crops import MultiCrop
    from zoo.practice.ensemble import average
    from zoo.predict import choose_device
    from zoo.pretrained.create import from_card

    models = [from_card(card).to(choose_device(device)) for card in chosen]
    model = models[0] if len(models) == 1 else average(*models)
    return MultiCrop(model, crops) if crops else model


def _of_recipe(card: "Card") -> "FitRecipe":
    """The recipe that a card was measured by."""
    from zoo.errors import BadInput, UnknownName
    from zoo.recipes.recipe import get_recipe

    if card.converter:
        raise BadInput(
            f"{card.name} was measured by {card.converter} on {card.data}, which cannot be "
            f"downloaded: add --data FOLDER, with one folder of pictures per class"
        )
    try:
        return get_recipe(card.recipe)
    except UnknownName as error:
        raise BadInput(f"{card.name} was not trained by a recipe: add --data FOLDER") from error


def _own(card: "Card", path: Path) -> "Splits":
    """A folder or a CSV with the card's classes: its test set, or all of it."""
    from zoo.data.image.pictures import Splits
    from zoo.data.image.preprocess import PictureFrontEnd
    from zoo.data.own.classification import own_test

    front_end = PictureFrontEnd.from_card(card.front_end)
    whole = own_test(path, front_end, tuple(card.classes))
    return Splits(path.name, "the user's own", whole, whole, whole, front_end)
