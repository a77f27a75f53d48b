"""A small Faster R-CNN on BCCD's blood cells. Notes: course 4, week 3, "Region proposals".

VOC's protocol: settings chosen on val, the final run on train and val but for the few images that
set the threshold, test looked at once.
"""

from functools import partial

from zoo.data.image.augment_colour import colour
from zoo.data.image.boxes.augment import chain, flip_boxes, of_pixels, zoom_and_shift
from zoo.datasets.bccd import bccd
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import cosine, warm_up
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.detection import DetectionTask

AUGMENT = chain(
    flip_boxes(),
    flip_boxes(vertical=True),
    zoom_and_shift(0.2, 0.1),
    of_pixels(colour(0.2, 0.2, 0.2)),
)


@recipe("faster_rcnn_small.bccd")
def faster_rcnn_small_bccd() -> FitRecipe:
    """Blood cells at 320 x 240 from scratch: 900 steps of four images."""
    return FitRecipe(
        name="faster_rcnn_small.bccd",
        arch="faster_rcnn_small",
        arguments={"num_classes": 3},
        data=partial(bccd, size=(240, 320), dev=16),
        task=partial(DetectionTask, augment=AUGMENT),
        optimizer=ADAMW,
        lr=1e-3,
        schedule=warm_up(over=50, then=cosine(0.02)),
        batch_size=4,
        steps=900,
        half=True,
        options=LoopOptions(
            clip=10.0,
            ema=0.99,
            precision="bfloat16",
            channels_last=True,
            watch="map_voc10",
            better="higher",
            save_every=200,
        ),
        claim=Claim(
            "map_voc10", 70.0, within=0.0, source="the goal set for this zoo", better="higher"
        ),
    )
