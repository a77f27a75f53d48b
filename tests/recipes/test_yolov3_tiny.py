"""What the recipes on blood cells state: data, sizes, goal."""

import pytest

from zoo.metrics.detection.scores import PROTOCOLS
from zoo.recipes.common.recipe import get_recipe
from zoo.recipes.yolov3_tiny import BATCH, FULL, SMALL
from zoo.registry import entry


@pytest.mark.parametrize("arch", ["yolov3_tiny", "yolov3_tiny_half"])
def test_the_network_takes_the_images(arch: str) -> None:
    recipe = get_recipe(f"{arch}.bccd")
    model = entry(arch).build(**recipe.arguments)
    assert all(side % model.stride == 0 for side in (*SMALL, *FULL))
    assert model.num_classes == 3
    assert recipe.batch_size == BATCH
    assert recipe.half


def test_the_goal_is_stated_as_one_of_the_scores() -> None:
    claim = get_recipe("yolov3_tiny.bccd").claim
    assert claim.metric in PROTOCOLS
    assert (claim.paper, claim.better, claim.within) == (87.0, "higher", 0.0)
