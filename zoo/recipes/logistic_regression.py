"""LeCun et al. 1998, Fig. 9: a linear classifier on MNIST, 12.0 % test error (8.4 % deskewed)."""

from functools import partial

import torch

from zoo.datasets.mnist import mnist
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import cosine
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.classification import ClassificationTask


@recipe("logistic_regression.mnist")
def logistic_regression_mnist() -> FitRecipe:
    """Ten epochs; the loss is convex, so seeds differ by the order of the batches only."""
    return FitRecipe(
        name="logistic_regression.mnist",
        arch="logistic_regression",
        data=mnist,
        task=ClassificationTask,
        optimizer=partial(torch.optim.SGD, lr=0.0, momentum=0.9),
        lr=0.01,
        schedule=cosine(),
        batch_size=128,
        steps=10 * 429,
        options=LoopOptions(evaluate_every=429),
        claim=Claim("error", paper=12.0, within=0.0, source="LeCun 1998, Fig. 9, linear"),
    )
