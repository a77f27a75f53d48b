"""Fine-tuning with a new head: gradual unfreezing, and earlier blocks that learn more slowly.

Howard & Ruder 2018 (ULMFiT), arXiv:1801.06146, sec. 3.2 and 3.3; see zoo/engine/unfreezing.py.
Proof: tests/recipes/own/test_classification.py, tests/recipes/own/test_text_classification.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from zoo import registry
from zoo.engine.unfreezing import Tuning
from zoo.recipes.common.fit_recipe import FitRecipe

LOWEST = 0.1  # learning rate of the first block, as a part of the head's


def gradually(
    recipe: FitRecipe, texts: Mapping[str, str], *, head_only: float, unfreeze_by: float
) -> FitRecipe:
    """The recipe with the user's fields, unfreezing its blocks from the head to the input.

    Args:
        texts: fields to change; without ``layer_decay`` it is such that the first block learns at
            LOWEST times the head's rate.
        head_only: the part of the run that the head learns alone.
        unfreeze_by: the part of the run after which every block learns.

    Raises:
        BadInput: for more frozen blocks than the network has, and the like.
    """
    gradual = Tuning(head_only=head_only, unfreeze_by=unfreeze_by)
    recipe = replace(recipe, tuning=gradual).override(**texts)
    blocks, tuning = count_blocks(recipe), recipe.tuning or gradual
    if "layer_decay" not in texts:
        tuning = replace(tuning, layer_decay=round(LOWEST ** (1 / max(blocks - 1, 1)), 6))
    tuning.check(blocks)
    return replace(recipe, tuning=tuning)


def count_blocks(recipe: FitRecipe) -> int:
    """How many blocks with parameters its network has; no weights are made."""
    with torch.device("meta"):
        network: Any = registry.build(recipe.arch, **recipe.arguments)
    return sum(1 for block in network.blocks() if list(block.parameters()))
