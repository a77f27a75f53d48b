"""LeCun et al. 1998, Fig. 9: 784-300-10 on MNIST, 4.7 % test error; the notes' shallow network."""

from functools import partial

import torch

from zoo.data.image.augment import affine
from zoo.datasets.digits import SVC_EXAMPLE, digits
from zoo.datasets.mnist import mnist
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import one_cycle
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.classification import ClassificationTask


@recipe("mlp.mnist")
def mlp_mnist() -> FitRecipe:
    """300 hidden ReLU units with inverted dropout, 15 epochs."""
    return FitRecipe(
        name="mlp.mnist",
        arch="mlp",
        arguments={"hidden_sizes": (300,), "dropout": 0.3},
        data=mnist,
        task=ClassificationTask,
        optimizer=partial(torch.optim.SGD, lr=0.0, momentum=0.9, nesterov=True),
        lr=0.05,
        schedule=one_cycle(rise=0.2),
        batch_size=128,
        steps=15 * 429,
        options=LoopOptions(evaluate_every=429),
        claim=Claim("error", paper=4.7, within=0.0, source="LeCun 1998, Fig. 9, 300 units"),
    )


@recipe("shallow_net.digits")
def shallow_net_digits() -> FitRecipe:
    """The notes' one-hidden-layer network on 8x8 digits; compared with scikit-learn's SVC."""
    return FitRecipe(
        name="shallow_net.digits",
        arch="shallow_net",
        arguments={"image_size": 8, "hidden_size": 64},
        data=digits,
        task=partial(ClassificationTask, augment=affine()),
        optimizer=partial(torch.optim.SGD, lr=0.0, momentum=0.9, weight_decay=1e-3),
        lr=0.1,
        schedule=one_cycle(rise=0.2),
        batch_size=64,
        steps=1000,
        options=LoopOptions(evaluate_every=100, log_every=20),
        claim=Claim("error", paper=3.1, within=3.0, source=SVC_EXAMPLE),
    )
