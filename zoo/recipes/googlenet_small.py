"""The small GoogLeNet on Fashion-MNIST, compared with the published error of GoogLeNet.

Source of the published number: the table of user submissions in the data set's README.
"""

from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim, recipe
from zoo.recipes.resnet_cifar import README, fashion_recipe


@recipe("googlenet_small.fashion")
def googlenet_small_fashion() -> FitRecipe:
    """Three epochs of Fashion-MNIST; compared with the benchmark's GoogLeNet."""
    source = f"{README}: GoogleNet with cross-entropy loss"
    return fashion_recipe("googlenet_small", 3, Claim("error", 6.3, within=2.0, source=source))
