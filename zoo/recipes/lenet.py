"""LeCun et al. 1998, Fig. 9: LeNet-5 on MNIST, test error 0.8 % with distortions, 0.95 % without.

``zoo reproduce lenet5.digits`` needs no download and takes a minute; the cards record how long the
others take (``zoo info lenet5.mnist``).
"""

from functools import partial

import torch

from zoo.data.image.augment import affine, flip
from zoo.datasets.digits import SVC_EXAMPLE, digits, few_digits
from zoo.datasets.fashion_mnist import fashion_mnist
from zoo.datasets.mnist import mnist
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import one_cycle
from zoo.losses.rbf import map_loss
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import NESTEROV
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.classification import ClassificationTask

DISTORTIONS = affine(degrees=8, scale=0.1, shear=0.1, move=0.05)  # the paper's sec. III.A
FIGURE = "LeCun 1998, Fig. 9, LeNet-5 with distortions (0.95 without)"
FROM_SCRATCH = 7.97  # mean of the card lenet5.digits_100_scratch; a test checks that they agree


@recipe("lenet5.mnist")
def lenet5_mnist() -> FitRecipe:
    """15 epochs of 55,000 digits, each rotated, scaled, sheared and shifted a little."""
    return FitRecipe(
        name="lenet5.mnist",
        arch="lenet5",
        data=partial(mnist, pad=2),
        task=partial(ClassificationTask, augment=DISTORTIONS),
        optimizer=NESTEROV,
        lr=0.05,
        schedule=one_cycle(rise=0.2),
        batch_size=128,
        steps=15 * 429,
        options=LoopOptions(channels_last=True, evaluate_every=429),
        claim=Claim("error", paper=0.8, within=0.15, source=FIGURE),
    )


@recipe("lenet5_1998.mnist")
def lenet5_1998_mnist() -> FitRecipe:
    """20 epochs as in the paper, with its loss (eq. 9); SGD with momentum instead of its SDLM."""
    return FitRecipe(
        name="lenet5_1998.mnist",
        arch="lenet5_1998",
        data=partial(mnist, pad=2),
        task=partial(ClassificationTask, objective=map_loss, augment=DISTORTIONS),
        optimizer=partial(torch.optim.SGD, lr=0.0, momentum=0.9, nesterov=True),
        lr=0.03,
        schedule=one_cycle(rise=0.2),
        batch_size=128,
        steps=20 * 429,
        options=LoopOptions(channels_last=True, evaluate_every=429, clip=10.0),
        claim=Claim("error", paper=0.8, within=0.4, source=FIGURE),
    )


@recipe("lenet5.fashion")
def lenet5_fashion() -> FitRecipe:
    """Fashion-MNIST with random flips; compared with the best method of the data set's paper."""
    return FitRecipe(
        name="lenet5.fashion",
        arch="lenet5",
        data=partial(fashion_mnist, pad=2),
        task=partial(ClassificationTask, augment=flip()),
        optimizer=NESTEROV,
        lr=0.05,
        schedule=one_cycle(rise=0.2),
        batch_size=128,
        steps=20 * 429,
        options=LoopOptions(channels_last=True, evaluate_every=429),
        claim=Claim("error", paper=10.3, within=0.0, source="arXiv:1708.07747 Table 3, SVC"),
    )


@recipe("lenet5.digits")
def lenet5_digits() -> FitRecipe:
    """800 small digits; the split of scikit-learn's example."""
    return FitRecipe(
        name="lenet5.digits",
        arch="lenet5",
        data=partial(digits, size=28, pad=2),
        task=partial(
            ClassificationTask, augment=affine(degrees=20, scale=0.2, shear=0.2, move=0.1)
        ),
        optimizer=NESTEROV,
        lr=0.05,
        schedule=one_cycle(rise=0.2),
        batch_size=64,
        steps=1200,
        options=LoopOptions(channels_last=True, evaluate_every=100, log_every=20),
        claim=Claim("error", paper=3.1, within=0.0, source=SVC_EXAMPLE),
    )


def _hundred_digits(name: str, start: str | None, claim: Claim) -> FitRecipe:
    """Ten labelled images of each digit; the two recipes differ in ``start`` only."""
    return FitRecipe(
        name=name,
        arch="lenet5",
        arguments={"num_classes": 10},
        start=start,
        data=partial(few_digits, each=10, size=28, pad=2),
        task=partial(
            ClassificationTask, augment=affine(degrees=20, scale=0.2, shear=0.2, move=0.1)
        ),
        optimizer=NESTEROV,
        lr=0.05,
        schedule=one_cycle(rise=0.2),
        batch_size=50,
        steps=400,
        options=LoopOptions(channels_last=True, evaluate_every=100, log_every=20),
        claim=claim,
    )


@recipe("lenet5.digits_100_scratch")
def lenet5_digits_100_scratch() -> FitRecipe:
    """Without transfer learning: 100 labelled digits, trained from scratch."""
    claim = Claim("error", paper=None, within=0.0, source="the arm that transfer is compared with")
    return _hundred_digits("lenet5.digits_100_scratch", None, claim)


@recipe("lenet5.digits_100")
def lenet5_digits_100() -> FitRecipe:
    """Transfer learning: the same 100 digits, starting from the weights of Fashion-MNIST."""
    other = "this zoo's lenet5.digits_100_scratch, the same run from fresh weights"
    claim = Claim("error", paper=FROM_SCRATCH, within=0.0, source=other)
    return _hundred_digits("lenet5.digits_100", "lenet5.fashion", claim)
