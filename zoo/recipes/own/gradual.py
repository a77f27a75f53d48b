"""Fine-tuning with a new head: gradual unfreezing and discriminative learning rates.

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

LOWEST = 0.1  # learning rate of the first block, as a fraction of the head's


def with_gradual_unfreezing(
    recipe: FitRecipe, texts: Mapping[str, str], *, head_only: float, unfreeze_by: float
) -> FitRecipe:
    """The recipe with the user's fields, unfreezing its blocks from the head to the input.

    Args:
        texts: fields to change; without ``layer_decay`` the learning rate of the first block is
            LOWEST times the head's.
        head_only: fraction of the run in which only the head is trained.
        unfreeze_by: fraction of the run after which every block is trained.

    Raises:
        BadInput: for fields that do not suit the network, such as too many frozen blocks.
    """
    gradual = Tuning(head_only=head_only, unfreeze_by=unfreeze_by)
    recipe = replace(recipe, tuning=gradual).override(**texts)
    blocks, tuning = count_blocks(recipe), recipe.tuning or gradual
    if "layer_decay" not in texts:
        tuning = replace(tuning, layer_decay=round(LOWEST ** (1 / max(blocks - 1, 1)), 6))
    tuning.check(blocks)
    return replace(recipe, tuning=tuning)


def count_blocks(recipe: FitRecipe) -> int:
    """The number of blocks of the network that have parameters; no memory is allocated."""
    with torch.device("meta"):
        network: Any = registry.build(recipe.arch, **recipe.arguments)
    return sum(1 for block in network.blocks() if list(block.parameters()))
