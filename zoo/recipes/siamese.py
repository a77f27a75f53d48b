"""Siamese networks on drawings of characters, from scratch: Omniglot, the official 20 runs.

The yardstick is that of zoo/recipes/facenet_small.py: Koch et al. 2015, Table 2.
``siamese.omniglot`` is Koch's own recipe as far as the paper states it (sec. 3.2 and 3.3): pairs,
half of them of the same, 128 in a batch; the rate decays by 1 % per epoch of 150,000 pairs; affine
distortions within the paper's bounds. Deviations: the paper searched for a rate, a momentum and an
L2 penalty for each layer and does not print them; here it is Adam with one rate and no penalty; 25
background alphabets, not 40; each distortion is always drawn, not one time in two; 1,600 batches,
which are 205,000 pairs and about two hours of a CPU core, not 200 epochs (steps=234200, a GPU).
``siamese_small.omniglot`` sees drawings of 73 pixels, at a third of the cost of 105, and learns
from the question of a one-shot trial.
Proof: tests/recipes/test_siamese.py.
"""

from functools import partial

from zoo.data.image.augment import affine
from zoo.datasets.omniglot import omniglot
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import cosine, exponential, warm_up
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW, OPTIMIZERS
from zoo.recipes.common.recipe import recipe
from zoo.recipes.facenet_small import DISTORTED, KOCH
from zoo.tasks.verification import VerificationTask

PAIRS, EPOCH = 128, 150_000  # of a batch, and of an epoch of the paper


@recipe("siamese_small.omniglot")
def siamese_small_omniglot() -> FitRecipe:
    """20 characters with 4 drawings each in a batch: which of the others shows the same?"""
    return FitRecipe(
        name="siamese_small.omniglot",
        arch="siamese_small",
        arguments={"image_size": 73},
        data=partial(omniglot, size=73),
        task=partial(
            VerificationTask,
            images=4,
            augment=DISTORTED,
            objective="one_of_many",
            grouped=0.5,
        ),
        optimizer=partial(ADAMW, weight_decay=0.1),
        lr=0.001,
        schedule=warm_up(over=100, then=cosine()),
        batch_size=80,
        steps=2000,
        options=LoopOptions(
            precision="bfloat16",
            channels_last=True,
            evaluate_every=250,
            log_every=50,
            watch="one_shot_error",
        ),
        claim=KOCH,
    )


@recipe("siamese.omniglot")
def siamese_omniglot() -> FitRecipe:
    """Koch's own recipe: 128 pairs in a batch, 64 of them of the same."""
    return FitRecipe(
        name="siamese.omniglot",
        arch="siamese",
        data=omniglot,
        task=partial(
            VerificationTask,
            images=2,
            augment=affine(degrees=10, scale=0.2, shear=0.3, move=2 / 105),
            objective="drawn_pairs",
            grouped=0.0,
        ),
        optimizer=OPTIMIZERS["adam"],
        lr=0.0003,
        schedule=warm_up(over=20, then=exponential(base=0.99, every=EPOCH // PAIRS)),
        batch_size=PAIRS,
        steps=1600,
        seeds=1,
        options=LoopOptions(
            precision="bfloat16",
            channels_last=True,
            evaluate_every=100,
            log_every=20,
            save_every=50,
            watch="one_shot_error",
        ),
        claim=KOCH,
    )
