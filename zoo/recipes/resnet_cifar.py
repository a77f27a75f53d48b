"""He et al. 2015, Table 6: ResNet-20 and 56 on CIFAR-10, test error 8.75 and 6.97 %.

``resnet20.cifar10`` is exactly the paper's run, for a GPU (64,000 updates); ``.cifar10_jpeg`` and
``.fashion`` (Fashion-MNIST) are short runs for two CPU cores, and their weights ship.
"""

from functools import partial
from typing import Any

import torch

from zoo.data.image.augment import chain, flip, shift
from zoo.datasets.cifar10 import cifar10
from zoo.datasets.cifar10_jpeg import cifar10_jpeg
from zoo.datasets.fashion_mnist import fashion_mnist
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import manual, one_cycle
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import NESTEROV
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.classification import ClassificationTask

CROP_FLIP = chain(shift(4), flip())  # sec. 4.2: pad by 4, crop 32x32, flip
README = "github.com/zalandoresearch/fashion-mnist, benchmark"


def paper_recipe(arch: str, error: float) -> FitRecipe:
    """Sec. 4.2: 45k/5k, batch 128, lr 0.1, divided by 10 at 32k and 48k, 64k updates, decay 1e-4.

    Args:
        error: published test error, in percent.
    """
    return FitRecipe(
        name=f"{arch}.cifar10",
        arch=arch,
        data=partial(cifar10, mean_picture=True),
        task=partial(ClassificationTask, augment=CROP_FLIP),
        optimizer=partial(torch.optim.SGD, lr=0.0, momentum=0.9, weight_decay=1e-4),
        lr=0.1,
        schedule=manual((32_000, 0.1), (48_000, 0.01)),
        batch_size=128,
        steps=64_000,
        options=LoopOptions(channels_last=True, evaluate_every=2000),
        claim=Claim("error", paper=error, within=0.5, source="He 2015, Table 6"),
    )


@recipe("resnet20.cifar10")
def resnet20_cifar10() -> FitRecipe:
    """The paper's run on CIFAR-10: 64,000 updates, for a GPU."""
    return paper_recipe("resnet20", 8.75)


@recipe("resnet56.cifar10")
def resnet56_cifar10() -> FitRecipe:
    """The paper's run with 56 layers."""
    return paper_recipe("resnet56", 6.97)


@recipe("resnet20.cifar10_jpeg")
def resnet20_cifar10_jpeg() -> FitRecipe:
    """A short run on the lossy JPEG copy: 4 instead of the paper's 182 epochs, one cycle."""
    return FitRecipe(
        name="resnet20.cifar10_jpeg",
        arch="resnet20",
        data=cifar10_jpeg,
        task=partial(ClassificationTask, augment=chain(shift(2), flip())),
        optimizer=NESTEROV,
        lr=0.1,
        schedule=one_cycle(rise=0.25),
        batch_size=64,
        steps=4 * 703,
        seeds=1,
        options=LoopOptions(channels_last=True, evaluate_every=703),
        claim=Claim("error", paper=8.75, within=10.0, source="He 2015, Table 6 (182 epochs)"),
    )


def fashion_recipe(
    arch: str, epochs: int, claim: Claim, arguments: dict[str, Any] | None = None
) -> FitRecipe:
    """One cycle over Fashion-MNIST with flips, for grey images."""
    return FitRecipe(
        name=f"{arch}.fashion",
        arch=arch,
        arguments=arguments or {},
        data=fashion_mnist,
        task=partial(ClassificationTask, augment=flip()),
        optimizer=NESTEROV,
        lr=0.1,
        schedule=one_cycle(rise=0.25),
        batch_size=64,
        steps=epochs * 859,
        options=LoopOptions(channels_last=True, evaluate_every=859),
        claim=claim,
    )


@recipe("resnet20.fashion")
def resnet20_fashion() -> FitRecipe:
    """Four epochs of Fashion-MNIST with flips; compared with the benchmark's ResNet-18."""
    claim = Claim("error", paper=5.1, within=3.0, source=f"{README}: ResNet18")
    return fashion_recipe("resnet20", 4, claim, {"in_chans": 1})
