"""The task that measures a card's weights again, on the data of its recipe or on the user's own.

For pictures see zoo/cli/evaluate.py, which can also look at crops and let several networks vote.
"""

from pathlib import Path
from typing import Any

import torch

from zoo.cards import Card
from zoo.data.text.vocabulary import Vocabulary
from zoo.pretrained.create import assemble
from zoo.recipes.own.find import evaluation
from zoo.recipes.recipe import get_recipe
from zoo.recipes.vectors_recipe import VectorsRecipe


def task_of(card: Card, device: torch.device, data: Path | None = None) -> Any:
    """A task whose ``evaluate`` gives the card's number, or the score on ``data``."""
    model, words = assemble(card)
    model.to(device)
    if data is not None:
        return evaluation(card, model, data)
    recipe = get_recipe(card.recipe)
    if isinstance(recipe, VectorsRecipe):
        vocabulary = Vocabulary(()) if words is None else Vocabulary.unpack(words)
        return recipe.task(model, recipe.data(), vocabulary, [])
    return recipe.task(model=model, data=recipe.data(), batch_size=recipe.batch_size, seed=0)
