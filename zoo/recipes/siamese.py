"""Siamese networks on drawings of characters, from scratch: Omniglot, the official 20 runs.

The yardstick is that of zoo/recipes/facenet_small.py: Koch et al. 2015, Table 2.
``siamese.omniglot`` is Koch's own recipe as far as the paper states it (sec. 3.2 and 3.3): pairs,
half of them of the same, 128 in a batch; momentum; an L2 penalty; the rate decays by 1 % per epoch
of 150,000 pairs; affine distortions within the paper's bounds. Deviations: rates, momentum and
penalties of each layer were searched for and are not printed: one rate, momentum 0.9 from the start
and one penalty here; 25 or 30 background alphabets, not 40; each distortion is always drawn, not
one time in two; it is stopped by a number of steps, not after 20 epochs without gain.
``siamese_small.omniglot`` sees drawings of 73 pixels, at a third of the cost of 105, and learns
from the question of a one-shot trial, with Adam. On dev, after the same work on a small network:
binary cross-entropy of all pairs 35 % wrong, this 10 %.
Proof: tests/recipes/test_siamese.py.
"""

from functools import partial

from zoo.data.image.augment import affine, chain
from zoo.data.image.augment_turns import quarter_turns
from zoo.datasets.omniglot import omniglot
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import cosine, exponential, warm_up
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import KOCH_SGD, OPTIMIZERS
from zoo.recipes.common.recipe import recipe
from zoo.recipes.facenet_small import KOCH
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
            augment=chain(quarter_turns(), affine(degrees=15, scale=0.2, shear=0.3, move=0.08)),
            objective="one_of_many",
            grouped=0.5,
        ),
        optimizer=OPTIMIZERS["adam"],
        lr=0.001,
        schedule=warm_up(over=100, then=cosine()),
        batch_size=80,
        steps=1500,
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
        optimizer=KOCH_SGD,
        lr=0.01,
        schedule=exponential(base=0.99, every=EPOCH // PAIRS),
        batch_size=PAIRS,
        steps=200 * (EPOCH // PAIRS),
        seeds=1,
        options=LoopOptions(
            channels_last=True, evaluate_every=EPOCH // PAIRS, watch="one_shot_error"
        ),
        claim=KOCH,
    )
