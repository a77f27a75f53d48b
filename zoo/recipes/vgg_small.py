"""The small VGG on Fashion-MNIST, compared with the published error of VGG-16.

Source of the published number: the table of user submissions in the data set's README.
"""

from functools import partial

from zoo.data.image.augment import flip
from zoo.datasets.fashion_mnist import fashion_mnist
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import one_cycle
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim, recipe
from zoo.recipes.resnet_cifar import NESTEROV, README
from zoo.tasks.classification import ClassificationTask


def three_epochs_of_fashion(arch: str, error: float, source: str) -> FitRecipe:
    """Three epochs of Fashion-MNIST with flips; ``error`` is published by ``source``."""
    return FitRecipe(
        name=f"{arch}.fashion",
        arch=arch,
        data=fashion_mnist,
        task=partial(ClassificationTask, augment=flip()),
        optimizer=NESTEROV,
        lr=0.1,
        schedule=one_cycle(rise=0.25),
        batch_size=64,
        steps=3 * 859,
        options=LoopOptions(channels_last=True, evaluate_every=859),
        claim=Claim("error", paper=error, within=2.0, source=f"{README}: {source}"),
    )


@recipe("vgg_small.fashion")
def vgg_small_fashion() -> FitRecipe:
    """Three epochs of Fashion-MNIST; the benchmark's VGG-16 has 26 million parameters."""
    return three_epochs_of_fashion("vgg_small", 6.5, "VGG16")
