"""The small VGG on Fashion-MNIST, compared with the published error of VGG-16.

Source of the published number: the table of user submissions in the data set's README.
"""

from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim, recipe
from zoo.recipes.resnet_cifar import README, fashion_recipe


@recipe("vgg_small.fashion")
def vgg_small_fashion() -> FitRecipe:
    """Three epochs of Fashion-MNIST; the benchmark's VGG-16 has 26 million parameters."""
    claim = Claim("error", paper=6.5, within=2.0, source=f"{README}: VGG16")
    return fashion_recipe("vgg_small", 3, claim)
