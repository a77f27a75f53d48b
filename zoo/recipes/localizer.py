"""The notes' localizer on crops of blood smears."""

from functools import partial

from zoo.data.image.located_augment import in_turn, mirrored, transposed
from zoo.datasets.bccd_crops import bccd_crops
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import one_cycle
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.localization import LocalizationTask

GOAL = "the goal of this zoo; nothing is published on these crops"
AUGMENT = in_turn(mirrored(), mirrored(vertical=True), transposed())


@recipe("localizer.bccd")
def localizer_bccd() -> FitRecipe:
    """8 epochs of 4,232 crops of 96 x 96: a white blood cell, a platelet, or neither."""
    return FitRecipe(
        name="localizer.bccd",
        arch="localizer",
        arguments={"num_classes": 2},
        data=bccd_crops,
        task=partial(LocalizationTask, augment=AUGMENT, where_weight=50.0),
        optimizer=ADAMW,
        lr=0.003,
        schedule=one_cycle(rise=0.2),
        batch_size=64,
        steps=8 * 66,
        options=LoopOptions(
            channels_last=True,
            precision="bfloat16",
            ema=0.99,
            evaluate_every=132,
            watch="iou",
            better="higher",
        ),
        claim=Claim("iou", paper=0.6, within=0.0, source=GOAL, unit="", better="higher"),
    )
