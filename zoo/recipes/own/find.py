"""``zoo train ARCH --data PATH`` and ``zoo finetune WEIGHTS``: which recipe for which data.

Each kind has a file of its own with ``own_recipe`` and ``finetune_recipe``.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

from zoo import cards, registry
from zoo.errors import BadInput
from zoo.recipes.recipe import FitRecipe
from zoo.recipes.vectors_recipe import VectorsRecipe

KINDS = {  # an architecture's task -> the file that makes recipes for the user's own data
    "classification": "zoo.recipes.own.classification",
    "language_model": "zoo.recipes.own.language_model",
    "speech_recognition": "zoo.recipes.own.speech_recognition",
    "text_classification": "zoo.recipes.own.text_classification",
    "tagging": "zoo.recipes.tagger",
    "trigger_word": "zoo.recipes.trigger_word",
    "word_vectors": "zoo.recipes.own.word_vectors",
}


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe | VectorsRecipe:
    """Train ``arch`` from fresh weights on the user's own data.

    Args:
        data: a folder or a file, of the kind that the architecture's task takes.
        texts: fields to change.
    """
    made: FitRecipe = _kind(registry.entry(arch).task, arch).own_recipe(arch, data, texts)
    return made


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe | VectorsRecipe:
    """Go on from weights on the user's own data, with a new head where the classes are others."""
    made: FitRecipe = _kind(cards.card(weights).task, weights).finetune_recipe(weights, data, texts)
    return made


def evaluation(card: cards.Card, model: Any, data: Path) -> Any:
    """The task that measures ``model`` on the user's own data, all of it or its test part."""
    return _kind(card.task, card.name).evaluation(card, model, data)


def _kind(task: str, name: str) -> Any:
    if task not in KINDS:
        raise BadInput(f"{name} is for the task {task}, which takes no data of your own")
    return import_module(KINDS[task])
