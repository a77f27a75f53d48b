"""The task that measures weights again, on the data of their recipe or on the user's data.

Proof: tests/reproduce/test_measure.py.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from zoo import cards, options
from zoo.cards import Card
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.task import Evaluable
from zoo.errors import BadInput, UnknownName
from zoo.predict import predictor_file
from zoo.pretrained.create import assemble
from zoo.recipes.common.recipe import Recipe, get_recipe
from zoo.recipes.own import find

SHARED = ("task", "classes", "front_end", "data")  # fields that networks must share to vote


def task_of(
    chosen: Sequence[Card],
    device: torch.device,
    data: Path | None = None,
    crops: int | None = None,
) -> Evaluable:
    """What gives the score of the weights of one card, or of several that vote together.

    Args:
        data: the user's; None: that of the first card's recipe.
        crops: how many of each image the network looks at, where the weights have that option.

    Raises:
        BadInput: for weights that cannot vote together, an option that they do not have, and
            weights whose data are not to be had.
    """
    card = chosen[0]
    file = predictor_file(card.task)
    selected = options.make(card.name, file.Options, {} if crops is None else {"crops": crops})

    def load() -> tuple[nn.Module, Vocabulary | None]:
        parts = [assemble(one) for one in chosen]
        model = file.PREDICTOR.network([network for network, _ in parts], selected).to(device)
        packed = parts[0][1]
        return model, None if packed is None else Vocabulary.unpack(packed)

    if data is None:
        recipe = _recipe_of(card)  # or it is said that there is none
        return recipe.measure(*load())
    return find.for_task(card.task, card.name).evaluation(card, load, data)


def cards_of(text: str | Path) -> list[Card]:
    """The cards of one name or folder, or of several names with + between them: an ensemble.

    Raises:
        UnknownName, Missing: for weights that are not there.
        BadInput: for weights that differ in what they must share to vote together.
    """
    names = [str(text)] if Path(text).exists() else str(text).split("+")
    chosen = [cards.card(name) for name in names]
    first = chosen[0]
    for other in chosen[1:]:
        for field in SHARED:
            mine, theirs = (getattr(one, field) for one in (first, other))
            if mine != theirs:
                raise BadInput(
                    f"{first.name} and {other.name} differ in {field}: they cannot vote together"
                )
    return chosen


def _recipe_of(card: Card) -> Recipe:
    """The recipe that a card was measured by."""
    if card.converter:
        raise BadInput(
            f"{card.name} was measured by {card.converter} on {card.data}, which cannot be "
            f"downloaded: add --data FOLDER, with one folder of pictures per class"
        )
    try:
        return get_recipe(card.recipe)
    except UnknownName as error:
        raise BadInput(f"{card.name} was not trained by a recipe: add --data PATH") from error
