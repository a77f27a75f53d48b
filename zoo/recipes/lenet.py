"""LeCun et al. 1998, Fig. 9: LeNet-5 on MNIST, 0.95 % test error without distortions.

``zoo reproduce lenet5.digits`` takes half a minute and needs no download; ``lenet5.mnist`` takes
about two minutes a seed on two cores.
"""

from functools import partial

import torch

from zoo.data.digits import digits
from zoo.data.mnist import fashion_mnist, mnist
from zoo.engine.rounds import Extras
from zoo.engine.schedule import one_cycle
from zoo.losses.rbf import map_loss
from zoo.recipes.recipe import Claim, Recipe, recipe
from zoo.tasks.classify import Classify

NESTEROV = partial(torch.optim.SGD, lr=0.0, momentum=0.9, nesterov=True, weight_decay=5e-4)


@recipe("lenet5.mnist")
def lenet5_mnist() -> Recipe:
    """15 epochs of 55,000 digits, no distortions."""
    return Recipe(
        name="lenet5.mnist",
        arch="lenet5",
        data=partial(mnist, pad=2),
        task=Classify,
        optimizer=NESTEROV,
        lr=0.05,
        schedule=one_cycle(rise=0.2),
        batch_size=128,
        steps=15 * 429,
        extras=Extras(channels_last=True, evaluate_every=429),
        claim=Claim("error", paper=0.95, within=0.0, source="Fig. 9, LeNet-5, no distortions"),
    )


@recipe("lenet5_1998.mnist")
def lenet5_1998_mnist() -> Recipe:
    """The network of the paper with its loss (eq. 9); SGD with momentum instead of its SDLM."""
    return Recipe(
        name="lenet5_1998.mnist",
        arch="lenet5_1998",
        data=partial(mnist, pad=2),
        task=partial(Classify, objective=map_loss),
        optimizer=partial(torch.optim.SGD, lr=0.0, momentum=0.9, nesterov=True),
        lr=0.002,
        schedule=one_cycle(rise=0.2),
        batch_size=128,
        steps=15 * 429,
        extras=Extras(channels_last=True, evaluate_every=429, clip=10.0),
        claim=Claim("error", paper=0.95, within=0.0, source="Fig. 9, LeNet-5, no distortions"),
    )


@recipe("lenet5.fashion")
def lenet5_fashion() -> Recipe:
    """The same network on garments, beside the best classical method of the data set's paper."""
    return Recipe(
        name="lenet5.fashion",
        arch="lenet5",
        data=partial(fashion_mnist, pad=2),
        task=Classify,
        optimizer=NESTEROV,
        lr=0.05,
        schedule=one_cycle(rise=0.2),
        batch_size=128,
        steps=20 * 429,
        extras=Extras(channels_last=True, evaluate_every=429),
        claim=Claim("error", paper=10.3, within=0.0, source="arXiv:1708.07747 Table 3, SVC (rbf)"),
    )


@recipe("lenet5.digits")
def lenet5_digits() -> Recipe:
    """898 small digits, half a minute; beside scikit-learn's own example on the same split."""
    return Recipe(
        name="lenet5.digits",
        arch="lenet5",
        data=partial(digits, size=28, pad=2),
        task=Classify,
        optimizer=NESTEROV,
        lr=0.05,
        schedule=one_cycle(rise=0.2),
        batch_size=64,
        steps=600,
        extras=Extras(channels_last=True, evaluate_every=60, log_every=20),
        claim=Claim(
            "error", paper=3.1, within=0.0, source="scikit-learn example, SVC (gamma 0.001)"
        ),
    )
