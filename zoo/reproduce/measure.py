"""The task that evaluates weights, on the data of their recipe or on the user's data.

Proof: tests/reproduce/test_measure.py.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from zoo import options, registry
from zoo.cards import Card
from zoo.data.own import LICENCE as OWN
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.task import Evaluable
from zoo.errors import BadInput, UnknownName
from zoo.loading import predictor_file
from zoo.pretrained.create import assemble
from zoo.recipes.common.recipe import Recipe, get_recipe
from zoo.recipes.common.record import Record
from zoo.recipes.own import find
from zoo.recipes.own.choice import Measurable, Wanted

SHARED = ("task", "classes", "front_end", "data")  # fields that must be equal in an ensemble


def evaluation_task(
    ensemble: Sequence[Card], device: torch.device, crops: int | None = None
) -> Evaluable:
    """The task that evaluates weights, or an ensemble of several, on their recipe's data.

    Args:
        crops: number of crops of each image, if the weights have that option.

    Raises:
        BadInput: for weights that cannot vote together, an option that they do not have, and
            weights whose data cannot be downloaded.
    """
    load = _loader(ensemble, device, crops)
    task = _recipe_of(ensemble[0]).measure(*load())
    task.read_as(ensemble[0].front_end)
    return task


def own_evaluation(
    ensemble: Sequence[Card],
    device: torch.device,
    data: Path,
    split: str | None = None,
    crops: int | None = None,
    skip_bad: bool = False,
) -> Measurable:
    """The task that evaluates weights, or an ensemble, on a part of the user's data.

    Args:
        split: a part's name; None: the test part, or all where there is none.
        skip_bad: leave out what cannot be used of the data.

    Raises:
        BadInput: as ``evaluation_task``, and for data that cannot be used.
        UnknownName: if there is no such part.
    """
    card = ensemble[0]
    load = _loader(ensemble, device, crops)
    records = [record for one in ensemble if (record := Record.of(one))]
    record = Record.joined(records) if len(records) == len(ensemble) else None
    wanted = Wanted(card.name, split, record, skip_bad)
    return find.for_task(card.task, card.name).evaluation(card, load, data, wanted)


def _loader(ensemble: Sequence[Card], device: torch.device, crops: int | None) -> find.Load:
    """What loads the network and the vocabulary; unknown options are refused now."""
    card = ensemble[0]
    file = predictor_file(card.task)
    chosen = {} if crops is None else {"crops": crops}
    predictor_options = options.make_options(card.name, file.Options, chosen)

    def load() -> tuple[nn.Module, Vocabulary | None]:
        parts = [assemble(one) for one in ensemble]
        networks = [network for network, _ in parts]
        model = file.PREDICTOR.network(networks, predictor_options, card).to(device)
        packed = parts[0][1]
        return model, None if packed is None else Vocabulary.unpack(packed)

    return load


def cards_of(text: str | Path) -> list[Card]:
    """The cards of one name or folder, or of several names with + between them: an ensemble.

    Raises:
        UnknownName, Missing: for weights that do not exist.
        BadInput: for weights that differ in a field that an ensemble must share; for what is no
            name.
    """
    if isinstance(text, str) and not Path(text).exists():
        ensemble = [registry.taken(name) for name in text.split("+")]
    else:
        ensemble = [registry.taken(text)]
    first = ensemble[0]
    for other in ensemble[1:]:
        for field in SHARED:
            expected, got = (getattr(one, field) for one in (first, other))
            if expected != got:
                raise BadInput(
                    f"{first.name} and {other.name} differ in {field}: they cannot vote together"
                )
    return ensemble


def _recipe_of(card: Card) -> Recipe:
    """The recipe whose test set a card was measured on; BadInput if there is none."""
    if card.converter:
        raise BadInput(
            f"{card.name} was measured by others on {card.data}, which cannot be "
            f"downloaded: add --data PATH, your data with its classes"
        )
    if card.data_licence == OWN:  # whatever it is called: a folder may have the name of a set
        raise BadInput(f"{card.name} was trained on your data: add --data PATH")
    try:
        return get_recipe(card.recipe)
    except UnknownName as error:
        raise BadInput(f"{card.name} was not trained by a recipe: add --data PATH") from error
