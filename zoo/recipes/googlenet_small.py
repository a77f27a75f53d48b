"""The small GoogLeNet on Fashion-MNIST, compared with the published error of GoogLeNet.

Source of the published number: the table of user submissions in the data set's README.
"""

from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import recipe
from zoo.recipes.vgg_small import three_epochs_of_fashion


@recipe("googlenet_small.fashion")
def googlenet_small_fashion() -> FitRecipe:
    """Three epochs of Fashion-MNIST; compared with the benchmark's GoogLeNet."""
    return three_epochs_of_fashion("googlenet_small", 6.3, "GoogleNet with cross-entropy loss")
