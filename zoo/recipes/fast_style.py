"""Johnson et al. 2016 in minutes: a network for each of three paintings, on 65 photographs.

The paper trains on 80,000 photographs for hours; these are short runs for one CPU core, with the
features of ``vgg_perceptual.coco_free``. The paintings are old enough to be free.
"""

from functools import partial

from zoo.data.image.styled_photographs import StyledPhotographs, read_style
from zoo.data.root import data_folder
from zoo.datasets.coco_free import coco_free
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import linear, warm_up
from zoo.errors import Missing
from zoo.pretrained.feature_network import feature_network
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import OPTIMIZERS
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.style_transfer import StyleTransferTask

FEATURES = "vgg_perceptual.coco_free"
GOAL = "the goal of this zoo; the paper prints no such number"


def coco_free_and(style: str) -> StyledPhotographs:
    """The free photographs of COCO, and a painting of the data folder's photos/style.

    Raises:
        Missing, BadFile: if one is not there, or damaged.
    """
    path = data_folder() / "photos" / "style" / f"{style}.jpg"
    if not path.is_file():
        raise Missing(f"no {path}: put a picture of the painting there")
    return StyledPhotographs(coco_free(), read_style(path), style)


def painting(style: str, seeds: int) -> FitRecipe:
    """A network for one painting.

    Args:
        style: the name of its file.
    """
    return FitRecipe(
        name=f"fast_style.{style}",
        arch="fast_style",
        data=partial(coco_free_and, style=style),
        task=partial(StyleTransferTask, features=partial(feature_network, name=FEATURES), crop=128),
        optimizer=OPTIMIZERS["adam"],
        lr=0.003,
        schedule=warm_up(over=50, then=linear()),
        batch_size=2,
        steps=700,
        seeds=seeds,
        half=True,
        options=LoopOptions(precision="bfloat16", evaluate_every=350, watch="style"),
        claim=Claim("style", paper=0.4, within=0.0, source=GOAL, unit=""),
    )


@recipe("fast_style.the_scream")
def fast_style_the_scream() -> FitRecipe:
    """Munch's The Scream."""
    return painting("the_scream", seeds=1)


@recipe("fast_style.starry_night")
def fast_style_starry_night() -> FitRecipe:
    """Van Gogh's The Starry Night, one seed."""
    return painting("starry_night", seeds=1)
